"""Who changed what and when: one Event per call that changes something, one EventLog per changed object."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.ids import allocate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call

_UNLOGGED = {"Event", "EventLog"}


def new_event(connection: Connection, call: Call, group: int | None = None) -> int:
    """Record that the caller changes something now; the id of the event."""
    table = TABLES["Event"]
    event_id = allocate(connection, table, 1)[0]
    kinds = TABLES["EventType"]
    kind = connection.scalar(select(kinds.c.id).where(kinds.c.value == call.caller.event_type))
    if kind is None:
        kind = connection.scalar(select(kinds.c.id).order_by(kinds.c.id))
    row = {
        "id": event_id,
        "time": call.now_ms,
        "experimenter": call.caller.user_id,
        "experimentergroup": call.write_group if group is None else group,
        "type": kind,
        "session": call.caller.session_id,
    }
    connection.execute(insert(table), row)
    return event_id


def log(connection: Connection, event: int, changes: Iterable[tuple[str, str, int]]) -> None:
    """Record changes as (INSERT, UPDATE or DELETE; class name; id)."""
    rows = [
        {"action": action, "entitytype": _java_name(class_name), "entityid": object_id, "event": event}
        for action, class_name, object_id in changes
        if class_name not in _UNLOGGED
    ]
    if rows:
        connection.execute(insert(TABLES["EventLog"]), rows)


@functools.cache
def _java_name(class_name: str) -> str:
    return SCHEMA[class_name].java_name
