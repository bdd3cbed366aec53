"""Changing the entries of enumerations: every value is there once, and entries in use stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from omero_embedded import errors
from omero_embedded.model.objects import get_field
from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.bootstrap import original_entries
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.graph import id_of
from omero_embedded.updates.ids import allocate
from omero_embedded.updates.remove import delete_rows, holder_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call


def put(connection: Connection, call: Call, entry: Any) -> int:
    """Make an entry, or change the one with this id; the id. An entry of a value that is there already is that one."""
    class_name = enumeration_class(entry)
    if not entry.isLoaded():
        raise errors.api_usage(f"a loaded {class_name} is needed, not its id alone")
    values = {field.column: get_field(entry, field) for field in SCHEMA[class_name].fields.values()}
    if not (values["value"] or "").strip():
        raise errors.validation(f"{class_name}.value must not be empty")
    present = _id_of_value(connection, class_name, values["value"])
    entry_id = id_of(entry)
    if entry_id is None:
        return present if present is not None else _insert(connection, call, class_name, values)
    if present not in (None, entry_id):
        raise errors.validation(f"{class_name}:{present} has the value {values['value']!r} already")
    table = TABLES[class_name]
    if connection.execute(update(table).where(table.c.id == entry_id).values(values)).rowcount == 0:
        raise errors.validation(f"there is no {class_name}:{entry_id}")
    log(connection, new_event(connection, call), [("UPDATE", class_name, entry_id)])
    return entry_id


def reset(connection: Connection, call: Call, class_name: str) -> None:
    """Leave exactly the entries of a new server; ValidationException while something uses one that would go."""
    table = TABLES[class_name]
    originals = {row["value"]: row for row in original_entries(class_name)}
    present = {row.value: row.id for row in connection.execute(select(table.c.id, table.c.value))}
    added = sorted(present[value] for value in present.keys() - originals.keys())
    for entry_id in added:
        refuse_while_used(connection, class_name, entry_id)
    if added:
        delete_rows(connection, class_name, added)
        event = new_event(connection, call)
        log(connection, event, [("DELETE", class_name, entry_id) for entry_id in added])
    for value, row in originals.items():
        if value not in present:
            _insert(connection, call, class_name, row)


def refuse_while_used(connection: Connection, class_name: str, entry_id: int) -> None:
    """Raise ValidationException if something refers to the entry."""
    holder = holder_of(connection, class_name, entry_id)
    if holder is not None:
        raise errors.validation(f"{class_name}:{entry_id} cannot be deleted while {holder} uses it")


def enumeration_class(entry: Any) -> str:
    """The class of an enumeration entry; ApiUsageException for null and anything else."""
    if entry is None:
        raise errors.api_usage("an enumeration entry is needed, not null")
    cls = SCHEMA.of(entry)
    if not cls.is_enum:
        raise errors.api_usage(f"{cls.name} is not an enumeration")
    return cls.name


def _insert(connection: Connection, call: Call, class_name: str, values: Mapping[str, Any]) -> int:
    table = TABLES[class_name]
    entry_id = allocate(connection, table, 1)[0]
    connection.execute(insert(table).values({**values, "id": entry_id}))
    log(connection, new_event(connection, call), [("INSERT", class_name, entry_id)])
    return entry_id


def _id_of_value(connection: Connection, class_name: str, value: str) -> int | None:
    table = TABLES[class_name]
    found = connection.scalar(select(table.c.id).where(table.c.value == value))
    return None if found is None else int(found)
