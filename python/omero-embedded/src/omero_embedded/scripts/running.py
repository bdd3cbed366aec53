"""A script that was started: watching it, ending it, its results."""

from __future__ import annotations

import logging
import threading
import uuid
from typing import TYPE_CHECKING, Any

import omero
from omero.rtypes import robject

from omero_embedded import errors
from omero_embedded.files.load import original_file
from omero_embedded.scripts import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.scripts.subprocesses import ScriptRun
    from omero_embedded.security.context import Call
    from omero_embedded.wire.sessions import Session

log = logging.getLogger(__name__)


class RunningScript:
    """State of one run. It ends when the process does, after the time allowed, or when it is cancelled."""

    def __init__(
        self, call: Call, run: ScriptRun, session: Session, job: Any, params: Any, timeout_seconds: float
    ) -> None:
        self.job = job
        self.params = params
        self._call = call
        self._run = run
        self._session = session
        self._timeout = timeout_seconds or None
        self._status: tuple[str, str] | None = None
        self._code: int | None = None
        self._results: dict[str, Any] = {}
        self._callbacks: list[Any] = []
        self._done = threading.Event()
        self._lock = threading.Lock()

    @property
    def job_id(self) -> int:
        """The id of the job."""
        return int(self.job.getId().getValue())

    def watch(self, ended: Callable[[RunningScript], None]) -> None:
        """Wait for the end in the background, then tell."""
        threading.Thread(target=self._watch, args=(ended,), name=f"script-{self.job_id}", daemon=True).start()

    def _watch(self, ended: Callable[[RunningScript], None]) -> None:
        try:
            code = self._run.wait(self._timeout)
            if code is None:
                self._status = ("Cancelled", f"timed out after {self._timeout:g} s")
                code = self._run.stop()
            self._finish(code)
        finally:
            self._run.close()
            ended(self)

    def _finish(self, code: int) -> None:
        """Keep output and results, note the end, close the session; whatever fails there, the end is told."""
        for part in (self._keep, self._note_end, self._close_session):
            try:
                part(code)
            except Exception:
                log.exception(
                    "script's end is incomplete part=%s job=%s reference=%s",
                    part.__name__, self.job_id, uuid.uuid4().hex[:8],
                )  # fmt: skip
        with self._lock:
            self._code = code
            callbacks = list(self._callbacks)
        self._done.set()
        for callback in callbacks:
            self._call.server.callbacks.tell(callback.begin_processFinished, code)

    def _keep(self, _code: int) -> None:
        results = self._results
        results |= {
            name: value for name, value in self._session.outputs.items() if name != "omero.scripts.parse"
        }
        formats = {"stdout": self.params.stdoutFormat, "stderr": self.params.stderrFormat}
        for name, path in (("stdout", self._run.output), ("stderr", self._run.errors)):
            file_id = jobs.attach_output(self._call, self.job_id, path, name, formats[name])
            if file_id is not None and name not in results:
                results[name] = robject(original_file(self._call, file_id))

    def _note_end(self, code: int) -> None:
        status, message = self._status or ("Finished" if code == 0 else "Error", "")
        jobs.move_on(self._call, self.job_id, status, message)

    def _close_session(self, _code: int) -> None:
        self._call.server.sessions.close(self._session)

    def poll(self) -> int | None:
        """The return code once all results are there, None before."""
        with self._lock:
            return self._code

    def wait(self, seconds: float | None = None) -> int | None:
        """The return code; None if the script still runs after that time."""
        self._done.wait(seconds)
        return self.poll()

    def results(self) -> dict[str, Any]:
        """Outputs, stdout and stderr. Raises omero.ApiUsageException while the script runs."""
        if self.poll() is None:
            raise errors.api_usage("Process still running")
        return self._results

    def cancel(self) -> bool:
        """Ask it to end; True if it has ended."""
        return self._end(self._run.cancel, "processCancelled")

    def kill(self) -> bool:
        """End it; True if it has ended."""
        return self._end(self._run.kill, "processKilled")

    def _end(self, how: Callable[[], None], told: str) -> bool:
        if self.poll() is not None:
            return True
        self._status = ("Cancelled", "")
        how()
        finished = self.wait(1) is not None
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            self._call.server.callbacks.tell(getattr(callback, f"begin_{told}"), finished)
        return finished

    def shutdown(self) -> None:
        """End it, kindly first."""
        if self.poll() is None:
            self._status = ("Cancelled", "")
            self._run.stop()
            self.wait()

    def add_callback(self, call: Call, callback: Any) -> None:
        """Tell this client, over the connection it calls on, when the script ends."""
        if callback is None:
            raise errors.api_usage("registerCallback takes a callback")
        current: Any = call.connection
        reachable = omero.grid.ProcessCallbackPrx.uncheckedCast(
            current.con.createProxy(callback.ice_getIdentity())
        )
        with self._lock:
            self._callbacks.append(reachable)
            code = self._code
        if code is not None:
            self._call.server.callbacks.tell(reachable.begin_processFinished, code)

    def remove_callback(self, callback: Any) -> None:
        """Tell this client no more."""
        with self._lock:
            self._callbacks = [
                kept for kept in self._callbacks if kept.ice_getIdentity() != callback.ice_getIdentity()
            ]
