"""Shares in the store: rows of Session with their members."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, insert, select, update

from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection

# A share without expiration lives until the end of what OMERO can count.
FOREVER_MS = 2**63 - 1
_SHARES, _MEMBERS = TABLES["Session"], TABLES["ShareMember"]
_IS_SHARE = _SHARES.c.discriminator == "Share"


@dataclass(frozen=True, slots=True)
class Share:
    """A share without its contents; `members` are ids of users, without the owner."""

    id: int
    key: str
    owner_id: int
    group_id: int
    description: str
    started_ms: int
    time_to_live_ms: int
    closed_ms: int | None
    active: bool
    item_count: int
    members: tuple[int, ...]

    def is_open(self, now_ms: int) -> bool:
        """Whether the share is enabled, not closed and not expired."""
        return self.active and self.closed_ms is None and now_ms - self.started_ms < self.time_to_live_ms


def share_with_id(connection: Connection, share_id: int) -> Share | None:
    """The share, None if there is none with this id."""
    found = _shares(connection, _SHARES.c.id == share_id)
    return found[0] if found else None


def shares_owned_by(connection: Connection, user_id: int) -> list[Share]:
    """The shares of a user, by id."""
    return _shares(connection, _SHARES.c.owner == user_id)


def shares_with_member(connection: Connection, user_id: int) -> list[Share]:
    """The shares that a user is a member of and does not own, by id."""
    mine = select(_MEMBERS.c.parent).where(_MEMBERS.c.child == user_id)
    return _shares(connection, and_(_SHARES.c.id.in_(mine), _SHARES.c.owner != user_id))


def _shares(connection: Connection, condition: ColumnElement[bool]) -> list[Share]:
    statement = select(_SHARES).where(_IS_SHARE, condition).order_by(_SHARES.c.id)
    rows = connection.execute(statement).mappings().all()
    members: dict[int, list[int]] = {}
    wanted = select(_SHARES.c.id).where(_IS_SHARE, condition)
    ordered = select(_MEMBERS).where(_MEMBERS.c.parent.in_(wanted)).order_by(_MEMBERS.c.id)
    for member in connection.execute(ordered).mappings():
        members.setdefault(member["parent"], []).append(member["child"])
    return [_share(row, members.get(row["id"], [])) for row in rows]


def _share(row: Any, members: Iterable[int]) -> Share:
    return Share(
        id=row["id"],
        key=row["uuid"],
        owner_id=row["owner"],
        group_id=row["share_group"],
        description=row["message"] or "",
        started_ms=row["started"],
        time_to_live_ms=row["timetolive"],
        closed_ms=row["closed"],
        active=bool(row["share_active"]),
        item_count=row["share_itemcount"],
        members=tuple(member for member in members if member != row["owner"]),
    )


def insert_share(
    connection: Connection,
    *,
    owner: int,
    group: int,
    description: str,
    now_ms: int,
    live_ms: int,
    active: bool,
) -> int:
    """Add an empty share, of which the owner is the first member; its id."""
    values = {
        "discriminator": "Share",
        "version": 0,
        "node": 0,
        "uuid": str(uuid.uuid4()),
        "owner": owner,
        "timetoidle": 0,
        "timetolive": live_ms,
        "started": now_ms,
        "message": description,
        "defaulteventtype": "Sharing",
        "share_group": group,
        "share_itemcount": 0,
        "share_active": active,
        "share_data": b"",
    }
    row = connection.execute(insert(_SHARES).values(values)).inserted_primary_key
    assert row is not None
    add_members(connection, row[0], [owner])
    return int(row[0])


def change_share(connection: Connection, share_id: int, **values: Any) -> None:
    """Set columns of a share."""
    connection.execute(
        update(_SHARES).where(_SHARES.c.id == share_id).values(**values, version=_SHARES.c.version + 1)
    )


def add_members(connection: Connection, share_id: int, users: Iterable[int]) -> None:
    """Make users members; who is one already stays one."""
    known = select(_MEMBERS.c.child).where(_MEMBERS.c.parent == share_id)
    there = set(connection.scalars(known))
    fresh = [user for user in dict.fromkeys(users) if user not in there]
    if fresh:
        rows = [{"version": 0, "parent": share_id, "child": user} for user in fresh]
        connection.execute(insert(_MEMBERS), rows)


def remove_members(connection: Connection, share_id: int, users: Sequence[int]) -> None:
    """End memberships."""
    connection.execute(
        delete(_MEMBERS).where(_MEMBERS.c.parent == share_id, _MEMBERS.c.child.in_(list(users)))
    )
