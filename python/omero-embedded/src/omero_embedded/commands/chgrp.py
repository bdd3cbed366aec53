"""Chgrp2: moving objects to another group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.cmd

from omero_embedded.commands.base import GraphError, by_java_name, parse_targets
from omero_embedded.commands.delete import find_targets
from omero_embedded.commands.graph.apply import apply_changes, tell_deleted
from omero_embedded.commands.graph.options import read_options
from omero_embedded.commands.graph.things import Things
from omero_embedded.commands.graph.transfer import MovePolicy, plan_transfer
from omero_embedded.security.movable import MOVE_TARGETS
from omero_embedded.security.permissions import GROUP_READ
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class Chgrp2Command:
    """Moves the targets and their contents; links to what stays behind are deleted."""

    request = "omero.cmd.Chgrp2"
    targets = MOVE_TARGETS

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Plan, and unless it is a dry run, move in one transaction."""
        group = _destination(call, request.groupId)
        targets = parse_targets(request.targetObjects, self.targets)
        options = read_options(request.childOptions)
        policy = MovePolicy(call, to_private=not call.caller.directory.permissions(group) & GROUP_READ)
        with call.db.read() if request.dryRun else call.db.write() as connection:
            things = Things(connection)
            found = find_targets(call, things, targets)
            for thing in found:
                if not policy.able(thing):
                    raise GraphError(f"does not own {thing}")
            plan = plan_transfer(
                call, things, policy, [thing for thing in found if thing.group != group], options
            )
            progress(1, 2)
            if not request.dryRun:
                apply_changes(
                    connection,
                    call,
                    delete=plan.deletion.deleted,
                    change=plan.changed,
                    column="details_group",
                    value=group,
                    empty=[*plan.emptied, *plan.deletion.emptied],
                )
        if not request.dryRun:
            tell_deleted(call, plan.deletion.deleted)
        return omero.cmd.Chgrp2Response(by_java_name(plan.changed), by_java_name(plan.deletion.deleted))


def _destination(call: Call, group: int) -> int:
    caller = call.caller
    if group not in caller.directory.groups:
        raise CommandError("bad-group", f"there is no group {group} to move to")
    if group not in caller.member_of and "Chgrp" not in caller.privileges:
        raise CommandError("not-in-group", "not a member of the chgrp destination group")
    return group
