"""Objects through which clients watch scripts: ScriptProcess, Process, InteractiveProcessor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from omero.rtypes import rint, rmap

from omero_embedded import errors
from omero_embedded.scripts import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.scripts.processor import Processor, Script
    from omero_embedded.scripts.running import RunningScript
    from omero_embedded.security.context import Call


class Process:
    """What InteractiveProcessor.execute returns."""

    def __init__(self, running: RunningScript) -> None:
        self.running = running

    def poll(self, call: Call) -> Any:
        """The return code, None while the script runs."""
        del call
        code = self.running.poll()
        return None if code is None else rint(code)

    def wait(self, call: Call) -> int:
        """The return code, once the script has ended."""
        del call
        code = self.running.wait()
        return -1 if code is None else code

    def cancel(self, call: Call) -> bool:
        """Ask the script to end; True if it has."""
        del call
        return self.running.cancel()

    def kill(self, call: Call) -> bool:
        """End the script; True if it has ended."""
        del call
        return self.running.kill()

    def shutdown(self, call: Call) -> None:
        """End the script, kindly first."""
        del call
        self.running.shutdown()

    def registerCallback(self, call: Call, cb: Any) -> None:
        """Tell this client when the script ends."""
        self.running.add_callback(call, cb)

    def unregisterCallback(self, call: Call, cb: Any) -> None:
        """Tell this client no more."""
        del call
        self.running.remove_callback(cb)


class ScriptProcess(Process):
    """What IScript.runScript returns."""

    def getJob(self, call: Call) -> Any:
        """The job."""
        del call
        return self.running.job

    def getResults(self, call: Call, wait_secs: int) -> dict[str, Any]:
        """Outputs, stdout and stderr, once the script has ended."""
        del call
        self.running.wait(max(wait_secs, 0))
        return self.running.results()

    def setMessage(self, call: Call, message: str) -> str:
        """Set the job's message; returns it."""
        status = "Running" if self.running.poll() is None else "Finished"
        jobs.move_on(call, self.running.job_id, status, message)
        return message

    def close(self, call: Call, detach: bool) -> None:
        """The client needs it no more; unless `detach`, the script ends too."""
        del call
        if not detach:
            self.running.shutdown()


class InteractiveProcessor:
    """What SharedResources.acquireProcessor returns: runs one job's script, with inputs given each time."""

    def __init__(
        self, processor: Processor, script: Script, job: Any, serve: Callable[[Call, Process], Any]
    ) -> None:
        self._processor = processor
        self._script = script
        self._job = job
        self._serve = serve
        self._detach = False
        self._running: RunningScript | None = None
        self._expires = time.time_ns() // 1_000_000 + processor.timeout_ms if processor.timeout_ms else 0

    def expires(self, call: Call) -> int:
        """Milliseconds since the epoch at which a script started now would be ended; 0 for never."""
        del call
        return self._expires

    def getJob(self, call: Call) -> Any:
        """The job."""
        del call
        return self._job

    def params(self, call: Call) -> Any:
        """What the script takes and gives."""
        return self._processor.params(call, self._script)

    def execute(self, call: Call, inputs: Any) -> Any:
        """Run the script. Raises omero.ApiUsageException while an earlier run goes on."""
        if self._running is not None and self._running.poll() is None:
            raise errors.api_usage("Process currently running")
        values = inputs.getValue() if inputs is not None else None
        self._running = self._processor.run(call, self._script, values or {}, self._job, None)
        return self._serve(call, Process(self._running))

    def getResults(self, call: Call, proc: Any) -> Any:
        """Outputs, stdout and stderr of the last run."""
        del call, proc
        if self._running is None:
            raise errors.api_usage("Process not running")
        return rmap(self._running.results())

    def setDetach(self, call: Call, detach: bool) -> bool:
        """Whether stopping leaves a running script alone; returns the old value."""
        del call
        previous, self._detach = self._detach, detach
        return previous

    def stop(self, call: Call) -> None:
        """Give up the processor."""
        del call
        self.release()

    def release(self) -> None:
        """The client is gone."""
        if self._running is not None and not self._detach and self._running.poll() is None:
            self._running.kill()
