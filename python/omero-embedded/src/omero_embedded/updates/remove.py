"""Deleting single rows, for IUpdate.deleteObject: nothing else goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from omero_embedded import errors
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.permissions import file_kind, rights_on
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import map_table, table_of
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.links import rows_by_id
from omero_embedded.updates.shape import references_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call


def delete_object(call: Call, class_name: str, object_id: int) -> None:
    """Delete one object that nothing points to.

    Raises ValidationException (missing, still referenced) or SecurityViolation.
    """
    with call.db.write() as connection:
        rows = rows_by_id(connection, table_of(class_name), [object_id])
        actual = rows[0].get("discriminator", class_name) if rows else class_name
        if not rows or not SCHEMA[actual].is_a(class_name):
            raise errors.validation(f"{class_name}:{object_id} does not exist")
        owner, group = rows[0].get("details_owner"), rows[0].get("details_group")
        granted = rights_on(call.caller, actual, owner, group, file_kind(actual, rows[0]))
        if not granted.delete:
            verb = "Deleting" if granted.see else "Cannot read"
            raise errors.security(f"{verb} {actual}:{object_id}" + (" not allowed" if granted.see else ""))
        holder = holder_of(connection, actual, object_id)
        if holder is not None:
            raise errors.validation(
                f"{actual}:{object_id} cannot be deleted while {holder} refers to it; delete that first, or submit an "
                "omero.cmd.Delete2"
            )
        event = new_event(connection, call, group)
        delete_rows(connection, actual, [object_id])
        log(connection, event, [("DELETE", actual, object_id)])


def delete_rows(connection: Connection, class_name: str, ids: Iterable[int]) -> None:
    """Delete rows of one class with their map values; checks nothing."""
    table = table_of(class_name)
    maps = [
        map_table(class_name, field.name)
        for field in SCHEMA[class_name].fields.values()
        if field.kind == "map"
    ]
    for part in chunks(ids):
        for pairs in maps:
            connection.execute(delete(pairs).where(pairs.c.owner_id.in_(part)))
        connection.execute(delete(table).where(table.c.id.in_(part)))


def holder_of(connection: Connection, class_name: str, object_id: int) -> str | None:
    """The first object that points to this one."""
    for reference in references_to(class_name):
        table: Any = table_of(reference.holder)
        query = select(table.c.id).where(table.c[reference.field.column] == object_id).limit(1)
        found = connection.scalar(query)
        if found is not None:
            return f"{reference.holder}:{found}"
    return None
