"""FindParents, FindChildren and LegalGraphTargets: looking at the graph without changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.cmd

from omero_embedded.commands.base import by_java_name, parse_targets
from omero_embedded.commands.delete import find_targets
from omero_embedded.commands.graph.things import Things
from omero_embedded.commands.graph.walk import ascend, descend
from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

# Everything that is in a group can be looked at.
_TARGETS = tuple(name for name, cls in SCHEMA.items() if cls.parent is None and not cls.is_global)


class FindParentsCommand:
    """Finds what contains the targets, directly or not."""

    request = "omero.cmd.FindParents"
    targets = _TARGETS

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """The parents of the wished types, by class."""
        wanted, stop = class_names(request.typesOfParents), class_names(request.stopBefore)
        targets = parse_targets(request.targetObjects, self.targets)
        with call.db.read() as connection:
            things = Things(connection)
            found = ascend(call, things, find_targets(call, things, targets), stop=stop)
        progress(1, 1)
        return omero.cmd.FoundParents(by_java_name(t for t in found if any(t.is_a(name) for name in wanted)))


class FindChildrenCommand:
    """Finds what the targets contain, directly or not."""

    request = "omero.cmd.FindChildren"
    targets = _TARGETS

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """The children of the wished types, by class."""
        wanted, stop = class_names(request.typesOfChildren), class_names(request.stopBefore)
        targets = parse_targets(request.targetObjects, self.targets)
        with call.db.read() as connection:
            things = Things(connection)
            found = descend(call, things, find_targets(call, things, targets), stop=stop)
        progress(1, 1)
        return omero.cmd.FoundChildren(by_java_name(t for t in found if any(t.is_a(name) for name in wanted)))


class LegalGraphTargetsCommand:
    """Says which classes a request can target."""

    request = "omero.cmd.LegalGraphTargets"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Full class names, of the classes that objects can have."""
        command = None if request.request is None else self._server.command(request.request)
        legal = getattr(command, "targets", None)
        if legal is None:
            raise CommandError(
                "bad-request", "LegalGraphTargets takes a request on a graph, e.g. omero.cmd.Delete2"
            )
        names = {concrete for name in legal for concrete in SCHEMA[name].concrete}
        progress(1, 1)
        return omero.cmd.LegalGraphTargetsResponse(sorted(SCHEMA[name].java_name for name in names))


def class_names(spellings: Iterable[str] | None) -> tuple[str, ...]:
    """Classes of the model from any spelling; raises CommandError."""
    try:
        return tuple(SCHEMA.resolve(spelling).name for spelling in spellings or ())
    except UnknownClassError as error:
        raise CommandError("bad-class", str(error)) from None
