"""Commands that run in the background, and the handles that clients watch them with."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, Protocol

import omero
import omero.all
import omero.cmd

from omero_embedded.shares.entry import CONTEXT_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

log = logging.getLogger(__name__)

# Callbacks are told about as many steps as that, whatever the number of steps.
TOLD_STEPS = 10


class Command(Protocol):
    """What runs one kind of request; see the modules of omero_embedded.commands."""

    request: str

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Do it and return the omero.cmd.Response.

        `progress` takes (steps done, steps in all); before the last step it raises when the request was cancelled, so
        what is committed comes after all calls but that of the last step.
        """


class CommandError(Exception):
    """A command that ends with an omero.cmd.ERR."""

    def __init__(self, name: str, message: str, category: str = "omero.cmd", **parameters: str) -> None:
        super().__init__(message)
        self.response = omero.cmd.ERR(category, name, {"message": message, **parameters})


class Handle:
    """One submitted request: its state, progress and answer."""

    interface = "omero.cmd.Handle"

    def __init__(self, server: Server, call: Call, request: Any) -> None:
        self._server = server
        self._call = call
        self._request = request
        self._response: Any = None
        self._status = omero.cmd.Status(
            category="omero.cmd",
            name=type(request).__name__,
            flags=[],
            parameters={},
            stepStartTimes=[],
            stepStopTimes=[],
        )
        self._callbacks: list[Any] = []
        self._share = call.context.get(CONTEXT_KEY) or call.session.share
        self._lock = threading.Lock()
        self._cancelled = threading.Event()

    def start(self) -> None:
        """Run the request on the server's executor."""
        self._server.executor.submit(self._run)

    def _run(self) -> None:
        self._status.startTime = int(time.time() * 1000)
        response = self._outcome()
        with self._lock:
            self._status.stopTime = int(time.time() * 1000)
            self._status.flags = _flags(response)
            self._response = response
            callbacks = list(self._callbacks)
        for callback in callbacks:
            self._server.callbacks.tell(callback.begin_finished, response, self._status)

    def _outcome(self) -> Any:
        if self._share is not None:
            reason = f"requests cannot run in a share ({self._share}); deactivate it first"
            return omero.cmd.ERR("omero.cmd", "SecurityViolation", {"message": reason, "stacktrace": ""})
        command = self._server.command(self._request)
        if command is None:
            return omero.cmd.ERR(
                "omero.cmd",
                "not-supported",
                {"message": f"not supported by the embedded OMERO: {type(self._request).__name__}"},
            )
        try:
            return command.run(self._call, self._request, self._progress)
        except CommandError as error:
            return error.response
        except omero.ServerError as error:
            name = type(error).__name__
            return omero.cmd.ERR("omero.cmd", name, {"message": error.message or "", "stacktrace": ""})
        except Exception as error:
            reference = uuid.uuid4().hex[:8]
            log.exception("%s failed reference=%s", type(self._request).__name__, reference)
            return omero.cmd.ERR(
                "omero.cmd",
                "internal",
                {"message": f"{type(error).__name__} (reference {reference} in the server's log)"},
            )

    def _progress(self, done: int, total: int) -> None:
        # With the last step everything is done and kept; to call it cancelled would be untrue.
        if self._cancelled.is_set() and done < total:
            raise CommandError("cancelled", "the request was cancelled")
        with self._lock:
            self._status.currentStep, self._status.steps = done, total
            told = done % max(1, total // TOLD_STEPS) == 0
            callbacks = list(self._callbacks) if told else []
        for callback in callbacks:
            self._server.callbacks.tell(callback.begin_step, done, total)

    def getRequest(self, call: Call) -> Any:
        """What was asked for."""
        return self._request

    def getResponse(self, call: Call) -> Any:
        """The answer, None while the request runs."""
        with self._lock:
            return self._response

    def getStatus(self, call: Call) -> Any:
        """Progress and times."""
        with self._lock:
            return self._status

    def addCallback(self, call: Call, callback: Any) -> None:
        """Tell this client about steps and the end, over the connection it called on.

        Slice lets this operation raise nothing; a null callback is nobody to tell.
        """
        if callback is None:
            return
        current: Any = call.connection
        reachable = omero.cmd.CmdCallbackPrx.uncheckedCast(
            current.con.createProxy(callback.ice_getIdentity())
        )
        with self._lock:
            self._callbacks.append(reachable)
            response = self._response
        if response is not None:
            self._server.callbacks.tell(reachable.begin_finished, response, self._status)

    def removeCallback(self, call: Call, callback: Any) -> None:
        """Tell this client no more."""
        with self._lock:
            self._callbacks = [
                kept for kept in self._callbacks if kept.ice_getIdentity() != callback.ice_getIdentity()
            ]

    def cancel(self, call: Call) -> bool:
        """Stop at the next step; True if the request was still running."""
        self._cancelled.set()
        with self._lock:
            return self._response is None

    def close(self, call: Call) -> None:
        """The client needs the handle no more; a request that still runs is cancelled."""
        self._cancelled.set()


def _flags(response: Any) -> list[Any]:
    if isinstance(response, omero.cmd.ERR):
        # OMERO.server calls everything that fails cancelled: its transaction is rolled back.
        return [omero.cmd.State.FAILURE, omero.cmd.State.CANCELLED]
    return [omero.cmd.State.SUCCESS]
