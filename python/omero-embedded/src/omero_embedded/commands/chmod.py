"""Chmod2: changing a group's permissions, with what a change to private costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.cmd
from sqlalchemy import select, update

from omero_embedded.commands.base import GraphError, by_java_name, parse_targets
from omero_embedded.commands.graph.apply import apply_changes, tell_deleted
from omero_embedded.commands.graph.deletion import Deletion, plan_deletion
from omero_embedded.commands.graph.options import Options
from omero_embedded.commands.graph.rules import ANNOTATION_LINKS, uses
from omero_embedded.commands.graph.things import Edge, Things
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.accounts import group_permissions
from omero_embedded.security.permissions import GROUP_READ, perm_long
from omero_embedded.store.tables import TABLES, table_of
from omero_embedded.updates.events import log, new_event
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from omero_embedded.commands.graph.things import Key, Thing
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_LINKS = (
    "ProjectDatasetLink",
    "DatasetImageLink",
    "FolderImageLink",
    "FolderRoiLink",
    "ScreenPlateLink",
    *ANNOTATION_LINKS,
)
# Other people's additions to one's data, which a private group has no place for.
_ADDED = (uses("RenderingDef.pixels"), uses("Thumbnail.pixels"), uses("Roi.image"))
# References that neither can be given up nor can cross owners in a private group.
_BOUND = (
    uses("Image.instrument"),
    uses("Image.imagingEnvironment"),
    uses("Image.experiment"),
    uses("Image.stageLabel"),
    uses("Channel.logicalChannel"),
    uses("WellSample.image"),
)


class Chmod2Command:
    """Sets the permissions of groups; a group that becomes private loses the links between its members' data."""

    request = "omero.cmd.Chmod2"
    targets = ("ExperimenterGroup",)

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Plan, and unless it is a dry run, change in one transaction."""
        perm = _permissions(request.permissions)
        groups = parse_targets(request.targetObjects, self.targets).get("ExperimenterGroup", [])
        _check_rights(call, groups)
        with call.db.read() if request.dryRun else call.db.write() as connection:
            things = Things(connection)
            deletion = Deletion([], [])
            narrowed = [group for group in groups if group_permissions(connection, group) & GROUP_READ]
            if not perm & GROUP_READ and narrowed:
                deletion = _plan_privacy(call, things, narrowed)
            progress(1, 2)
            if not request.dryRun:
                apply_changes(connection, call, delete=deletion.deleted, empty=deletion.emptied)
                _set_permissions(connection, call, groups, perm)
        if not request.dryRun:
            self._server.forget_directory()
            tell_deleted(call, deletion.deleted)
        included = {SCHEMA["ExperimenterGroup"].java_name: sorted(groups)}
        return omero.cmd.Chmod2Response(included, by_java_name(deletion.deleted))


def _permissions(text: str) -> int:
    try:
        return perm_long(text)
    except (ValueError, omero.ClientError):
        raise CommandError(
            "bad-permissions", f"{text!r} is not a permissions string such as rwra--"
        ) from None


def _check_rights(call: Call, groups: list[int]) -> None:
    for group in groups:
        if group not in call.caller.directory.groups:
            raise CommandError("bad-group", f"there is no group {group}")
        if "ModifyGroup" not in call.caller.privileges and group not in call.caller.leader_of:
            raise GraphError(f"not permitted to change permissions on ExperimenterGroup[{group}]")


def _set_permissions(connection: Connection, call: Call, groups: list[int], perm: int) -> None:
    table = TABLES["ExperimenterGroup"]
    connection.execute(update(table).where(table.c.id.in_(groups)).values(permissions=perm))
    log(connection, new_event(connection, call), [("UPDATE", "ExperimenterGroup", group) for group in groups])


def _plan_privacy(call: Call, things: Things, groups: list[int]) -> Deletion:
    """What is deleted when groups become private; raises GraphError for data that cannot be taken apart."""
    for edge in _BOUND:
        for holder, target in _across_owners(things, edge, groups):
            raise GraphError(f"cannot downgrade to private as {holder} uses differently owned {target}")
    keys: set[Key] = set()
    for link in _LINKS:
        keys |= {(SCHEMA[link].root, found) for found in _cross_links(things.connection, link, groups)}
    keys |= {holder.key for edge in _ADDED for holder, _ in _across_owners(things, edge, groups)}
    return plan_deletion(call, things, things.load(sorted(keys)), Options(), forced=True)


def _across_owners(things: Things, edge: Edge, groups: list[int]) -> Iterator[tuple[Thing, Thing]]:
    holder: Any = table_of(edge.holder)
    target: Any = table_of(edge.end).alias()
    column = holder.c[SCHEMA[edge.holder].fields[edge.field].column]
    query = select(holder.c.id, target.c.id).join_from(holder, target, column == target.c.id)
    query = query.where(holder.c.details_group.in_(groups), holder.c.details_owner != target.c.details_owner)
    for found, other in things.connection.execute(query).all():
        keys = [(SCHEMA[edge.holder].root, found), (SCHEMA[edge.end].root, other)]
        first, second = things.load(keys)
        yield first, second


def _cross_links(connection: Connection, link: str, groups: list[int]) -> list[int]:
    table: Any = table_of(link)
    parent: Any = table_of(SCHEMA[link].fields["parent"].type).alias()
    child: Any = table_of(SCHEMA[link].fields["child"].type).alias()
    if "details_owner" not in parent.c:
        return []
    query = (
        select(table.c.id)
        .join_from(table, parent, table.c.parent == parent.c.id)
        .join(child, table.c.child == child.c.id)
        .where(table.c.details_group.in_(groups), parent.c.details_owner != child.c.details_owner)
    )
    return list(connection.scalars(query))
