"""Carrying out a plan: deleting, moving, giving, and the event that records it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES, table_of
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.remove import delete_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from omero_embedded.commands.graph.border import Crossing
    from omero_embedded.commands.graph.things import Thing
    from omero_embedded.security.context import Call


def apply_changes(
    connection: Connection,
    call: Call,
    *,
    delete: Iterable[Thing] = (),
    change: Iterable[Thing] = (),
    column: str = "details_group",
    value: int | None = None,
    empty: Iterable[Crossing] = (),
) -> None:
    """Delete some objects, set a details column of others, and empty references to what is gone."""
    deleted, changed, emptied = list(delete), list(change), list(empty)
    if not deleted and not changed:
        return
    group = next((thing.group for thing in (*deleted, *changed) if thing.group is not None), None)
    event = new_event(connection, call, group)
    for crossing in emptied:
        _empty(connection, crossing)
    for class_name, ids in _by(deleted, "class_name").items():
        delete_rows(connection, class_name, ids)
    for root, ids in _by(changed, "root").items():
        table: Any = TABLES[root]
        for part in chunks(ids):
            connection.execute(update(table).where(table.c.id.in_(part)).values({column: value}))
    log(
        connection,
        event,
        [
            *(("DELETE", thing.class_name, thing.id) for thing in deleted),
            *(("UPDATE", thing.class_name, thing.id) for thing in changed),
        ],
    )


def tell_deleted(call: Call, deleted: Iterable[Thing]) -> None:
    """Let the keepers of files and pixels forget what was deleted; call after the commit."""
    found = _by(deleted, "root")

    def forget_all() -> None:
        for root, ids in found.items():
            for forget in call.server.after_delete:
                forget(root, ids)

    call.db.after_commit(forget_all)


def _empty(connection: Connection, crossing: Crossing) -> None:
    table: Any = table_of(crossing.reference.holder)
    column = SCHEMA[crossing.reference.holder].fields[crossing.reference.field.name].column
    connection.execute(update(table).where(table.c.id == crossing.holder.id).values({column: None}))


def _by(things: Iterable[Thing], attribute: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for thing in things:
        found.setdefault(getattr(thing, attribute), []).append(thing.id)
    return found
