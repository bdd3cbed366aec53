"""What is in a share, as it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from omero_embedded.model.schema import SCHEMA
from omero_embedded.shares.rows import change_share
from omero_embedded.store.tables import SHARE_ITEM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Item:
    """One object in a share: its class, and the class that its table is named after."""

    class_name: str
    root: str
    id: int


def items_of(connection: Connection, share_id: int) -> list[Item]:
    """What is in the share, in the order it was added."""
    columns = (SHARE_ITEM.c.class_name, SHARE_ITEM.c.root, SHARE_ITEM.c.object_id)
    ordered = select(*columns).where(SHARE_ITEM.c.share_id == share_id).order_by(SHARE_ITEM.c.position)
    return [Item(*row) for row in connection.execute(ordered)]


def add_items(connection: Connection, share_id: int, items: Iterable[Item]) -> None:
    """Put objects into the share; those that are in it already stay where they are."""
    there = {(item.root, item.id) for item in items_of(connection, share_id)}
    last = select(func.coalesce(func.max(SHARE_ITEM.c.position), 0)).where(SHARE_ITEM.c.share_id == share_id)
    start = int(connection.scalar(last) or 0) + 1
    fresh = list({(item.root, item.id): item for item in items if (item.root, item.id) not in there}.values())
    if fresh:
        connection.execute(
            insert(SHARE_ITEM),
            [
                {
                    "share_id": share_id,
                    "root": item.root,
                    "object_id": item.id,
                    "class_name": item.class_name,
                    "position": position,
                }
                for position, item in enumerate(fresh, start)
            ],
        )
    _count_items(connection, share_id)


def remove_items(connection: Connection, share_id: int, items: Iterable[Item]) -> None:
    """Take objects out of the share."""
    for item in items:
        connection.execute(
            delete(SHARE_ITEM).where(
                SHARE_ITEM.c.share_id == share_id,
                SHARE_ITEM.c.root == item.root,
                SHARE_ITEM.c.object_id == item.id,
            )
        )
    _count_items(connection, share_id)


def _count_items(connection: Connection, share_id: int) -> None:
    count = select(func.count()).select_from(SHARE_ITEM).where(SHARE_ITEM.c.share_id == share_id)
    change_share(connection, share_id, share_itemcount=connection.scalar(count))


def ids_by_class(items: Iterable[Item]) -> dict[str, list[int]]:
    """Ids of objects by the name of their class as OMERO.server spells it."""
    found: dict[str, list[int]] = {}
    for item in items:
        found.setdefault(SCHEMA[item.class_name].java_name, []).append(item.id)
    return found
