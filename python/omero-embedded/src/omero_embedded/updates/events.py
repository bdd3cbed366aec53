"""Who changed what and when: one Event per call that changes something, one EventLog per changed object."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select

from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.statements import insert_into
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.ids import allocate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Insert

    from omero_embedded.security.context import Call

_UNLOGGED = {"Event", "EventLog"}


def new_event(connection: Connection, call: Call, group: int | None = None) -> int:
    """Record that the caller changes something now; the id of the event."""
    event_id = allocate(connection, TABLES["Event"], 1)[0]
    row = {
        "id": event_id,
        "time": call.now_ms,
        "experimenter": call.caller.user_id,
        "experimentergroup": call.write_group if group is None else group,
        "kind": call.caller.event_type,
        "session": call.caller.session_id,
    }
    connection.execute(_new_event(), row)
    return event_id


@functools.cache
def _new_event() -> Insert:
    """The statement, built once; an event of a type that the store does not know is of the first type there is."""
    kinds = TABLES["EventType"].c
    named = select(kinds.id).where(kinds.value == bindparam("kind")).scalar_subquery()
    first = select(func.min(kinds.id)).scalar_subquery()
    return insert(TABLES["Event"]).values(type=func.coalesce(named, first))


def log(connection: Connection, event: int, changes: Iterable[tuple[str, str, int]]) -> None:
    """Record changes as (INSERT, UPDATE or DELETE; class name; id)."""
    rows = [
        {"action": action, "entitytype": _java_name(class_name), "entityid": object_id, "event": event}
        for action, class_name, object_id in changes
        if class_name not in _UNLOGGED
    ]
    if rows:
        connection.execute(insert_into(TABLES["EventLog"]), rows)


@functools.cache
def _java_name(class_name: str) -> str:
    return SCHEMA[class_name].java_name
