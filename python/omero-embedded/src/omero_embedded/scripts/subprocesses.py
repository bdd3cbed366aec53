"""A script's process, started as OMERO's processor starts it (omero/processor.py).

In a folder of its own: `script`, `config` (read through ICE_CONFIG), `out` and `err`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

# What OMERO's processor hands on of its own environment.
KEPT_VARIABLES = (
    "CLASSPATH", "DISPLAY", "DYLD_LIBRARY_PATH", "HOME", "JYTHON_HOME", "LC_ALL", "LANG", "LANGUAGE", "LD_LIBRARY_PATH",
    "MLABRAW_CMD_STR", "OMERODIR", "OMERO_TEMPDIR", "OMERO_TMPDIR", "PATH", "PYTHONPATH",
)  # fmt: skip
GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Launch:
    """How to run scripts: the interpreter, the router for their sessions, OMERO_HOME."""

    interpreter: str
    router: str
    home: Path

    def properties(self, session_key: str, job_id: int) -> dict[str, str]:
        """The configuration of one run."""
        return {
            "omero.job": str(job_id),
            "omero.user": session_key,
            "omero.pass": session_key,
            "Ice.Default.Router": self.router,
        }

    def environment(self, config: Path) -> dict[str, str]:
        """The environment of one run."""
        env = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        library = str(self.home / "lib" / "python")
        env["OMERO_HOME"] = str(self.home)
        env["PYTHONPATH"] = os.pathsep.join(part for part in (env.get("PYTHONPATH"), library) if part)
        env["ICE_CONFIG"] = str(config)
        return env


def default_interpreter(configured: str | None) -> str:
    """omero.launcher or the Python that runs this server."""
    return configured or sys.executable


class ScriptRun:
    """One running script; `close` removes its folder."""

    def __init__(self, launch: Launch, text: str, properties: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="process", suffix=".dir"))
        self.output, self.errors = self.folder / "out", self.folder / "err"
        config = self.folder / "config"
        (self.folder / "script").write_text(text, encoding="utf-8")
        config.touch(mode=0o600)
        config.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        with self.output.open("wb") as out, self.errors.open("wb") as err:
            self._process = subprocess.Popen(  # noqa: S603 - running scripts is what this is for
                [launch.interpreter, "./script"],
                cwd=self.folder,
                env=launch.environment(config),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def poll(self) -> int | None:
        """The return code, None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float | None) -> int | None:
        """The return code, None if it still runs after that time."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def cancel(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and what it started."""
        self._signal(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, and end it if it does not; the return code."""
        self.cancel()
        code = self.wait(GRACE_SECONDS)
        if code is None:
            self.kill()
            code = self._process.wait()
        return code

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def close(self) -> None:
        """End it if it runs, and remove its folder."""
        if self.poll() is None:
            self.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
