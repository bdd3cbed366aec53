"""Requests that carry other requests: DoAll runs several, SkipHead starts one further down the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from omero_embedded.commands.base import parse_targets
from omero_embedded.commands.delete import Delete2Command, find_targets
from omero_embedded.commands.find import class_names
from omero_embedded.commands.graph.things import Things
from omero_embedded.commands.graph.walk import descend
from omero_embedded.commands.refuse import WITHOUT_HANDLE
from omero_embedded.shares.entry import CONTEXT_KEY
from omero_embedded.wire.dispatch import make_call
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


# Commands that do nothing but read and write the store: several of them are done all or none.
_UNDOABLE = (
    omero.cmd.Chgrp2,
    omero.cmd.Chmod2,
    omero.cmd.Chown2,
    omero.cmd.Delete2,
    omero.cmd.SkipHead,
    omero.api.Save,
)


class DoAllCommand:
    """Runs requests one after the other, where all can be run; the first that fails ends it.

    What only moves, changes or saves objects is done all or none.
    """

    request = "omero.cmd.DoAll"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """The responses in the order of the requests; each request runs in its own call context if there is one."""
        requests = [single for single in request.requests or () if single is not None]
        if not requests:
            raise CommandError("no-steps", "there is nothing to do")
        if all(isinstance(single, _UNDOABLE) for single in requests):
            with call.db.together():
                responses = self._run_each(call, request, requests, progress)
            self._server.forget_directory()
        else:
            responses = self._run_each(call, request, requests, progress)
        status = [omero.cmd.Status(flags=[omero.cmd.State.SUCCESS]) for _ in responses]
        return omero.cmd.DoAllRsp(responses, status)

    def _run_each(
        self, call: Call, request: Any, requests: list[Any], progress: Callable[[int, int], None]
    ) -> list[Any]:
        commands = [_command(self._server, single) for single in requests]
        contexts = list(request.contexts or ())
        responses = []
        for number, (single, command) in enumerate(zip(requests, commands, strict=True)):
            own = contexts[number] if number < len(contexts) else None
            if own and own.get(CONTEXT_KEY):
                raise CommandError("security", "requests cannot run in a share: they change things")
            within = (
                call
                if not own
                else make_call(self._server, call.session, {**call.context, **own}, call.connection)
            )
            responses.append(command.run(within, single, lambda _done, _total: None))
            progress(number + 1, len(requests))
        return responses


class SkipHeadCommand:
    """Runs a request on what its targets contain rather than on the targets themselves."""

    request = "omero.cmd.SkipHead"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """The response of the inner request."""
        inner, start = request.request, class_names(request.startFrom)
        if inner is None or not start:
            raise CommandError("bad-request", "SkipHead takes a request and the classes to start from")
        command = _command(self._server, inner)
        targets = parse_targets(request.targetObjects, getattr(command, "targets", ()))
        with call.db.read() as connection:
            things = Things(connection)
            heads = find_targets(call, things, targets)
            found = [
                thing
                for thing in (*heads, *descend(call, things, heads))
                if any(thing.is_a(name) for name in start)
            ]
        inner.targetObjects = {}
        for thing in found:
            inner.targetObjects.setdefault(thing.class_name, []).append(thing.id)
        inner.dryRun = bool(request.dryRun or inner.dryRun)
        inner.childOptions = request.childOptions or inner.childOptions
        run = command.run_below if isinstance(command, Delete2Command) else command.run
        return run(call, inner, progress)


def _command(server: Server, request: Any) -> Any:
    command = server.command(request)
    kind = request.ice_id()
    if kind in WITHOUT_HANDLE:
        raise CommandError("bad-request", f"{kind} cannot be run", type=kind)
    if command is None:
        raise CommandError("not-supported", f"not supported by the embedded OMERO: {type(request).__name__}")
    return command
