"""Celery workers as real processes for tests."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from omero_plugin_common.testing.servers import wait_until

READY = "ready."


@dataclass(slots=True)
class WorkerProcess:
    """One Celery worker with its forked children."""

    log: Path
    queues: str = "default,imaris_export"
    concurrency: int = 1
    extra_environ: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the worker is not running")
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        """Start; with `wait`, return when it takes messages."""
        command = [
            *(sys.executable, "-m", "celery", "-A", "omero_plugin_common.celery:app", "worker"),
            *("--queues", self.queues, "--concurrency", str(self.concurrency), "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle", "--hostname", f"test{os.getpid()}-{id(self)}@%h"),
        ]
        environ = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            **self.extra_environ,
        }
        seen = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environ, start_new_session=True, cwd=self.log.parent
            )
        if wait:
            wait_until(lambda: READY in self._text(seen), "the worker becoming ready")

    def children(self) -> list[int]:
        """Return the process ids of the forked children."""
        path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Kill the worker and its children at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=30)

    def kill_parent_only(self) -> None:
        """Kill only the main process; orphaned children must notice."""
        os.kill(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(timeout=30)

    def kill_children(self) -> None:
        """Kill only the forked children; the main process replaces them."""
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Ask for an orderly end and wait for it."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.kill()

    def _text(self, start: int) -> str:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"the worker ended at once: {self.log.read_text(errors='replace')[-3000:]}")
        with self.log.open("rb") as handle:
            handle.seek(start)
            return handle.read().decode(errors="replace")
