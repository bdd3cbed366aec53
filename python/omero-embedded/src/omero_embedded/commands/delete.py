"""Delete2: deleting objects with what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.cmd

from omero_embedded.commands.base import GraphError, by_java_name, parse_targets
from omero_embedded.commands.graph.apply import apply_changes, tell_deleted
from omero_embedded.commands.graph.deletion import display_of_own, plan_deletion
from omero_embedded.commands.graph.options import read_options
from omero_embedded.commands.graph.rules import DELETE_TARGETS
from omero_embedded.commands.graph.things import Things
from omero_embedded.model.schema import SCHEMA
from omero_embedded.updates.links import LinkRules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omero_embedded.commands.graph.things import Thing
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

DIRECTORY_CLASSES = {"Experimenter", "ExperimenterGroup", "GroupExperimenterMap"}


class Delete2Command:
    """Deletes the targets, their parts, and what only they used."""

    request = "omero.cmd.Delete2"
    targets = DELETE_TARGETS

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Plan, and unless it is a dry run, delete in one transaction."""
        return self._run(call, request, progress, below=False)

    def run_below(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Delete what was found below objects that stay: how others display them goes whatever the caller's rights."""
        return self._run(call, request, progress, below=True)

    def _run(self, call: Call, request: Any, progress: Callable[[int, int], None], *, below: bool) -> Any:
        targets = parse_targets(request.targetObjects, self.targets)
        options = read_options(request.childOptions, request.typesToIgnore)
        with call.db.read() if request.dryRun else call.db.write() as connection:
            things = Things(connection)
            found = find_targets(call, things, targets)
            unasked = display_of_own(call, things, found) if below else ()
            plan = plan_deletion(call, things, found, options, unasked=unasked)
            progress(1, 2)
            if not request.dryRun:
                apply_changes(connection, call, delete=plan.deleted, empty=plan.emptied)
        if not request.dryRun:
            tell_deleted(call, plan.deleted)
            if any(thing.class_name in DIRECTORY_CLASSES for thing in plan.deleted):
                self._server.forget_directory()
        return omero.cmd.Delete2Response(by_java_name(plan.deleted))


def find_targets(call: Call, things: Things, wanted: Mapping[str, list[int]]) -> list[Thing]:
    """The target objects; raises GraphError if one does not exist, is of another class, or is not for the caller's eyes."""
    found = []
    rules = LinkRules(call)
    for class_name, ids in wanted.items():
        root = SCHEMA[class_name].root
        members = {thing.id: thing for thing in things.load((root, object_id) for object_id in ids)}
        for object_id in dict.fromkeys(ids):
            thing = members.get(object_id)
            readable = thing is not None and thing.is_a(class_name)
            if (
                thing is None
                or not readable
                or not rules.rights(thing.class_name, thing.owner, thing.group).see
            ):
                raise GraphError(f"cannot read {class_name}[{object_id}]")
            found.append(thing)
    return found
