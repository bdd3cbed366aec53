"""Chown2: giving objects, or all of a user's data, to another user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.cmd
from sqlalchemy import select

from omero_embedded.commands.base import GraphError, by_java_name, parse_targets
from omero_embedded.commands.delete import find_targets
from omero_embedded.commands.graph.apply import apply_changes
from omero_embedded.commands.graph.border import check_rights
from omero_embedded.commands.graph.options import read_options
from omero_embedded.commands.graph.things import Things
from omero_embedded.commands.graph.transfer import GivePolicy, Transfer, plan_transfer
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.directory import USER_GROUP
from omero_embedded.security.movable import GIVE_TARGETS
from omero_embedded.store.tables import TABLES
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omero_embedded.commands.graph.things import Thing
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class Chown2Command:
    """Gives the targets and the contents of the same owner to another user."""

    request = "omero.cmd.Chown2"
    targets = GIVE_TARGETS

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Plan, and unless it is a dry run, give in one transaction."""
        _check_recipient(call, request.userId)
        targets = parse_targets(request.targetObjects, self.targets)
        options = read_options(request.childOptions)
        policy = GivePolicy(call)
        with call.db.read() if request.dryRun else call.db.write() as connection:
            things = Things(connection)
            found = [thing for thing in find_targets(call, things, targets) if thing.owner != request.userId]
            check_rights((thing for thing in found if not policy.able(thing)), "give")
            plan = plan_transfer(call, things, policy, found, options)
            whole = _all_data(things, request.targetUsers or (), call)
            plan.changed = list({thing.key: thing for thing in (*plan.changed, *whole)}.values())
            _check_groups(call, request.userId, plan)
            progress(1, 2)
            if not request.dryRun:
                apply_changes(
                    connection,
                    call,
                    delete=plan.deletion.deleted,
                    change=plan.changed,
                    column="details_owner",
                    value=request.userId,
                    empty=[*plan.emptied, *plan.deletion.emptied],
                )
        return omero.cmd.Chown2Response(by_java_name(plan.changed), by_java_name(plan.deletion.deleted))


def _check_recipient(call: Call, user_id: int) -> None:
    if user_id not in call.caller.directory.users:
        raise CommandError("bad-user", f"there is no user {user_id} to give to")
    if "Chown" not in call.caller.privileges and not call.caller.leader_of:
        raise GraphError("not an owner of any group")


def _check_groups(call: Call, user_id: int, plan: Transfer) -> None:
    """A group owner can give only to members of the group."""
    if "Chown" in call.caller.privileges:
        return
    theirs = set(call.caller.directory.users[user_id].groups)
    foreign = [thing for thing in plan.changed if thing.group not in theirs]
    if foreign:
        raise GraphError(
            f"cannot give {foreign[0]}: the new owner is not a member of group {foreign[0].group}"
        )


def _all_data(things: Things, users: Iterable[int], call: Call) -> list[Thing]:
    """Everything that the users own, where the caller may give it away."""
    owners = list(users)
    if not owners:
        return []
    keys = []
    for root, table in TABLES.items():
        if "details_owner" not in table.c or SCHEMA[root].is_global:
            continue
        query = select(table.c.id).where(
            table.c.details_owner.in_(owners), table.c.details_group != USER_GROUP
        )
        if "Chown" not in call.caller.privileges:
            query = query.where(table.c.details_group.in_(call.caller.leader_of))
        keys += [(root, found) for found in things.connection.scalars(query)]
    return things.load(keys)
