"""Which rows a caller can see, as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, false, literal, or_, select

from omero_embedded.security.context import ALL_GROUPS
from omero_embedded.security.directory import SYSTEM_GROUP
from omero_embedded.security.permissions import GROUP_READ, WORLD_READ
from omero_embedded.shares.scope import shown
from omero_embedded.store.tables import TABLES, root_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.expression import FromClause

    from omero_embedded.security.context import Call


def readable_groups(call: Call) -> tuple[set[int], set[int] | None]:
    """Groups of which the caller sees everything, and groups of which only the caller's own objects.

    The second is None for a call in all groups: there people see what is theirs wherever it lies, also in groups they
    never were in or have left, but for the group of administrators.
    """
    caller = call.caller
    whole: set[int] = set()
    own: set[int] = set()
    for group_id, group in caller.directory.groups.items():
        member = group_id in caller.member_of
        shared = member and group.perm & GROUP_READ
        open_to_all = group.perm & WORLD_READ or group_id == caller.directory.user_group
        if group_id in caller.leader_of or shared or open_to_all:
            whole.add(group_id)
        elif member:
            own.add(group_id)
    if call.group == ALL_GROUPS:
        return whole, None
    # What is in the group `user` (official scripts, repositories) is there for everybody in every group.
    return whole & {call.group, caller.directory.user_group}, own & {call.group}


def visible(
    call: Call, table: FromClause, user: ColumnElement[int] | None = None
) -> ColumnElement[bool] | None:
    """The condition that a row of the table (or an alias of it) is visible; None where nothing is hidden.

    `user` stands for the caller's id in statements that are kept for several callers.
    """
    if call.caller.share is not None:
        return shown(call.caller.share, table)
    if "details_owner" not in table.c:
        me = literal(call.caller.user_id) if user is None else user
        return None if call.caller.is_admin else _of_own_shares(table, me)
    if call.caller.is_admin:
        if call.group == ALL_GROUPS:
            return None
        return table.c.details_group.in_([call.group, call.caller.directory.user_group])
    whole, own = readable_groups(call)
    conditions: list[ColumnElement[bool]] = []
    if whole:
        conditions.append(table.c.details_group.in_(sorted(whole)))
    mine = table.c.details_owner == call.caller.user_id
    if own is None:
        # In the group of administrators lie the comments of shares, which are read through their share alone.
        conditions.append(and_(mine, table.c.details_group != SYSTEM_GROUP))
    elif own:
        conditions.append(and_(mine, table.c.details_group.in_(sorted(own))))
    return or_(*conditions) if conditions else false()


def _of_own_shares(table: FromClause, user: ColumnElement[int]) -> ColumnElement[bool] | None:
    """Shares and their members are only for who is one of them; the owner is one, too."""
    root = root_of(table)
    if root not in ("Session", "ShareMember"):
        return None
    members = TABLES["ShareMember"].alias()
    mine = select(members.c.parent).where(members.c.child == user)
    if root == "ShareMember":
        return table.c.parent.in_(mine)
    return or_(table.c.discriminator != "Share", table.c.id.in_(mine))
