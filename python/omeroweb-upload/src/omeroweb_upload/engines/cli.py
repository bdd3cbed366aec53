"""Import through OMERO's command line, which brings Bio-Formats: one process for all sets of a batch that share a target.

The command line's own bulk mode starts one Java process per row, so the paths of a batch are given to a single one
instead. What it made is read from OMERO by the staged paths, which no other upload has, not from what it prints.
The key of the user's session stands in files that only this account can read, never in a command line.
"""

from __future__ import annotations

import contextlib
import glob
import logging
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omero.util.sessions import SessionsStore

from omeroweb_upload.engines.base import SetResult
from omeroweb_upload.engines.choose import cli_problem
from omeroweb_upload.engines.marking import find_by_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omeroweb_upload.config import UploadSettings
    from omeroweb_upload.engines.base import SetPlan, Watch

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.1
SHOWN_CHARACTERS: Final = 500
SESSION_NAME: Final = "upload"
PLUGIN: Final = Path(__file__).with_name("cli_plugin.py")
ENDING_SECONDS: Final = 10
# What the plugin reads until this process has gone.
LIFELINE: Final = "OMERO_UPLOAD_LIFELINE"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: status, or None for a time-out, and the last of what it said."""

    status: int | None
    said: str


class CliEngine:
    """Runs `omero import`."""

    name = "cli"

    def __init__(self, settings: UploadSettings) -> None:
        self._settings = settings

    def run(self, conn: Any, plans: Sequence[SetPlan], watch: Watch) -> Iterator[SetResult]:
        """Import the sets, those of one target with one process."""
        problem = cli_problem(self._settings)
        if problem:
            message = f"This format needs OMERO's command line, and {problem}. Ask your administrator."
            for plan in plans:
                yield SetResult(plan.id, message=message, reason="no_java")
            return
        groups: dict[tuple[object, ...], list[SetPlan]] = {}
        for plan in plans:
            # A name of its own can only be given to one path at a time.
            groups.setdefault((plan.target, plan.in_place, plan.name), []).append(plan)
        for group in groups.values():
            yield from self._batch(conn, group, watch)

    def _batch(self, conn: Any, plans: list[SetPlan], watch: Watch) -> Iterator[SetResult]:
        began = time.monotonic()
        ended = self._process(conn, plans, watch)
        found = find_by_paths(conn, [str(plan.main.staged) for plan in plans])
        seconds = (time.monotonic() - began) / len(plans)
        for plan in plans:
            made = next((one for one in found.get(str(plan.main.staged), []) if one.image_ids), None)
            if made is not None:
                yield SetResult(plan.id, made.image_ids, made.plate_ids, made.fileset_id, seconds=seconds)
            else:
                message, reason = self._failure(ended, len(plans))
                yield SetResult(plan.id, message=message, reason=reason, seconds=seconds)

    def command(self, plans: Sequence[SetPlan]) -> list[str]:
        """The command line for sets of one target; server and session are the current ones of `OMERO_SESSIONDIR`."""
        first = plans[0]
        command = [self._settings.omero_command, "--path", glob.escape(str(PLUGIN)), "import"]
        command += ["-c", "--output", "ids", "--no-upgrade-check"]
        if self._settings.cli_jars:
            command += ["--clientdir", self._settings.cli_jars]
        if first.in_place:
            command += ["--transfer", "ln_s"]
        if first.target is not None:
            kind, number = first.target
            command += ["-r" if kind == "Screen" else "-d", str(number)]
        if first.name is not None:
            command += ["-n", first.name]
        return [*command, "--", *(str(plan.main.staged) for plan in plans)]

    def _process(self, conn: Any, plans: Sequence[SetPlan], watch: Watch) -> Ended:
        """Run the command line in a folder of its own; it ends with the job, however that ends."""
        deadline = time.monotonic() + self._settings.import_timeout_seconds * len(plans)
        with (
            tempfile.TemporaryDirectory(prefix="omero-import-") as folder,
            tempfile.TemporaryFile() as said,
            _lifeline() as lifeline,
        ):
            environment = {**os.environ, "OMERO_USERDIR": folder, "OMERO_TMPDIR": folder}
            environment[LIFELINE] = str(lifeline)
            environment["OMERO_SESSIONDIR"] = str(_session_folder(Path(folder), conn.c))
            process = subprocess.Popen(  # noqa: S603 - our own words and staged paths
                self.command(plans), stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment,
                cwd=folder, start_new_session=True, pass_fds=(lifeline,),
            )  # fmt: skip
            try:
                while process.poll() is None:
                    watch.check()
                    if time.monotonic() > deadline:
                        return Ended(None, "")
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(POLL_SECONDS)
            finally:
                _end(process)
            size = said.seek(0, os.SEEK_END)
            said.seek(max(0, size - 20_000))
            return Ended(process.returncode, said.read().decode(errors="replace"))

    def _failure(self, ended: Ended, count: int) -> tuple[str, str]:
        if ended.status is None:
            limit = self._settings.import_timeout_seconds * count
            return f"OMERO's command line did not finish within {limit} s.", "timeout"
        lines = [line.strip() for line in ended.said.splitlines() if line.strip()]
        telling = [line for line in lines if "error" in line.lower() or "exception" in line.lower()] or lines
        said = telling[-1][:SHOWN_CHARACTERS] if telling else "it said nothing"
        logger.warning("cli_import_failed status=%s said=%s", ended.status, said)
        return f"OMERO's command line made no image of it: {said}", "cli"


@contextlib.contextmanager
def _lifeline() -> Iterator[int]:
    """The end to read from of a pipe that the kernel closes with this process, also when that is killed."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)


def _session_folder(folder: Path, client: Any) -> Path:
    """Make the folder that tells OMERO's command line which server and session to use."""
    place = folder / "sessions"
    host, key = str(client.getProperty("omero.host")), str(client.getSessionId())
    store = SessionsStore(str(place))
    properties = {"omero.port": str(client.getProperty("omero.port"))}
    store.add(host, SESSION_NAME, key, properties)
    store.set_current(host, SESSION_NAME, key, properties)
    for file in place.rglob("*"):
        file.chmod(0o700 if file.is_dir() else 0o600)
    return place


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started."""
    if process.poll() is not None:
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_SECONDS)
            return
