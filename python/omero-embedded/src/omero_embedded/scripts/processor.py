"""The processor: runs scripts in a limited number of slots, reads their parameters."""

from __future__ import annotations

import contextlib
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.scripts

from omero_embedded import errors
from omero_embedded.files import checksums
from omero_embedded.scripts import jobs
from omero_embedded.scripts.running import RunningScript
from omero_embedded.scripts.subprocesses import Launch, ScriptRun, default_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session

log = logging.getLogger(__name__)

DEFAULT_SLOTS = 4
DEFAULT_TIMEOUT_MS = 3_600_000
DEFAULT_WAIT_SECONDS = 5
PARSE_SECONDS = 120.0
PARSED = "omero.scripts.parse"


@dataclass(frozen=True, slots=True)
class Script:
    """A script's file and text."""

    id: int
    name: str
    text: str


class Processor:
    """One per server; every slot runs one script at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.slots = int(server.config.get("omero.scripts.processors", DEFAULT_SLOTS))
        self._free = threading.Semaphore(max(self.slots, 0))
        self._running: set[RunningScript] = set()
        self._params: dict[str, Any] = {}
        self._lock = threading.Lock()
        server.on_stop(self.stop)

    @property
    def timeout_ms(self) -> int:
        """How long a script may take; 0 for as long as it likes."""
        return int(self._server.config.get("omero.scripts.timeout", DEFAULT_TIMEOUT_MS))

    def params(self, call: Call, script: Script) -> Any:
        """The script's JobParams, found by running it in OMERO's parse mode; remembered by its text.

        Raises omero.ValidationException with what the script wrote if it declares none.
        """
        key = checksums.of_bytes(checksums.SHA1, script.text.encode())
        with self._lock:
            known = self._params.get(key)
        if known is not None:
            return known
        with self._slot(DEFAULT_WAIT_SECONDS):
            found = self._parse(call, script)
        with self._lock:
            self._params[key] = found
        return found

    def _parse(self, call: Call, script: Script) -> Any:
        session = self._open_session(call, PARSE_SECONDS * 1000)
        properties = {**self._launch().properties(session.uuid, 0), PARSED: "true"}
        try:
            with ScriptRun(self._launch(), script.text, properties) as run:
                run.wait(PARSE_SECONDS)
                said = run.errors.read_text(errors="replace").strip()
            found = session.outputs.get(PARSED)
        finally:
            self._server.sessions.close(session)
        if found is None or found.getValue() is None:
            raise errors.validation(
                f"{script.name} declares no parameters: {said[-2000:] or 'no error was written'}"
            )
        return found.getValue()

    def run(
        self, call: Call, script: Script, inputs: Mapping[str, Any], job: Any, wait: int | None
    ) -> RunningScript:
        """Start a script in the caller's name. Raises omero.NoProcessorAvailable, omero.ValidationException."""
        params = self.params(call, script)
        self._take_slot(DEFAULT_WAIT_SECONDS if wait is None else wait)
        session: Session | None = None
        try:
            timeout_ms = self.timeout_ms
            session = self._open_session(call, timeout_ms)
            session.inputs.update(inputs)
            _check_inputs(params, session)
            job = job if job is not None else jobs.create_job(call, script.id, params.name or script.name)
            launch = self._launch()
            run = ScriptRun(launch, script.text, launch.properties(session.uuid, int(job.getId().getValue())))
            jobs.move_on(call, int(job.getId().getValue()), "Running")
        except BaseException:
            self._free.release()
            if session is not None:
                self._server.sessions.close(session)
            raise
        running = RunningScript(call, run, session, job, params, timeout_ms / 1000)
        with self._lock:
            self._running.add(running)
        running.watch(self._ended)
        if self._server.stops_within(0):  # after `stop` looked for what runs
            running.kill()
        return running

    def _ended(self, running: RunningScript) -> None:
        with self._lock:
            self._running.discard(running)
        self._free.release()

    @contextlib.contextmanager
    def _slot(self, wait: int) -> Iterator[None]:
        self._take_slot(wait)
        try:
            yield
        finally:
            self._free.release()

    def _take_slot(self, wait: int) -> None:
        if self.slots < 1 or not self._free.acquire(timeout=max(wait, 0)):
            text = f"No processor available! [{self.slots} slot(s), all busy]"
            raise omero.NoProcessorAvailable(None, "omero.NoProcessorAvailable", text, 0)

    def _open_session(self, call: Call, live_ms: float) -> Session:
        """A session of the caller's, in the call's group, that ends with the script."""
        caller = call.caller
        user = caller.directory.users[caller.user_id]
        return self._server.sessions.open(
            user,
            call.write_group,
            agent="OMERO.scripts",
            time_to_idle_ms=0,
            time_to_live_ms=int(live_ms) + 60_000 if live_ms else 0,
        )

    def _launch(self) -> Launch:
        ports = self._server.ports()
        transport = "tcp" if "tcp" in ports else "ssl"
        router = f"OMERO.Glacier2/router:{transport} -h 127.0.0.1 -p {ports[transport]}"
        return Launch(
            default_interpreter(self._server.config.get("omero.launcher") or None), router, self._server.data
        )

    def stop(self) -> None:
        """End all scripts."""
        with self._lock:
            running = list(self._running)
        for one in running:
            one.kill()


def _check_inputs(params: Any, session: Session) -> None:
    """Check the session's inputs, and add defaults. Raises omero.ValidationException with all that is wrong."""
    inputs = dict(session.inputs)
    try:
        faults = omero.scripts.validate_inputs(params, inputs, _Defaults(session), session.uuid)
    except TypeError:
        # omero-py compares bounds even with values of the wrong type, which it has found by then.
        known = {key: param for key, param in params.inputs.items() if key in inputs}
        faults = "".join(
            omero.scripts.compare_proto(key, param.prototype, inputs[key]) for key, param in known.items()
        )
    if faults:
        raise errors.validation(f"Invalid parameters:\n{faults}")


class _Defaults:
    """Takes the default values that omero-py's validation sets on the session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def setInput(self, key: str, name: str, value: Any) -> None:  # noqa: N802 - Slice name
        """Part of omero.api.ISession."""
        del key
        self._session.inputs[name] = value
