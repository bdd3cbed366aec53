"""Writing rows that the server itself makes (settings, statistics, thumbnails), many at a time."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update

from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.statements import insert_into
from omero_embedded.store.tables import table_of
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.ids import allocate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call


class Writer:
    """Rows written in one transaction as one event; `finish` writes its log."""

    def __init__(self, connection: Connection, call: Call) -> None:
        self.connection = connection
        self.owner = call.caller.user_id
        self._call = call
        self._changes: list[tuple[str, str, int]] = []

    @cached_property
    def _event(self) -> int:
        """Made with the first change, so that looking alone leaves none."""
        return new_event(self.connection, self._call)

    def insert(self, class_name: str, group: int, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add rows in a group, owned by the acting user; their ids."""
        return self.insert_in(class_name, [(group, row) for row in rows])

    def insert_in(self, class_name: str, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> list[int]:
        """Add rows, each in its own group, owned by the acting user; their ids. All rows name the same columns."""
        if not rows:
            return []
        table = table_of(class_name)
        ids = allocate(self.connection, table, len(rows))
        common: dict[str, Any] = {
            "details_owner": self.owner,
            "details_creation": self._event,
            "details_update": self._event,
        }
        if "version" in table.c:
            common["version"] = 0
        if "discriminator" in table.c:
            common["discriminator"] = SCHEMA[class_name].name
        values = [
            common | {"details_group": group} | dict(row) | {"id": row_id}
            for (group, row), row_id in zip(rows, ids, strict=True)
        ]
        self.connection.execute(insert_into(table), values)
        self._changes += [("INSERT", class_name, row_id) for row_id in ids]
        return ids

    def update(self, class_name: str, row_id: int, values: Mapping[str, Any]) -> None:
        """Change columns of a row; its version goes up by one."""
        table = table_of(class_name)
        changes: dict[str, Any] = {**values, "details_update": self._event}
        if "version" in table.c:
            changes["version"] = table.c.version + 1
        self.connection.execute(update(table).where(table.c.id == row_id).values(changes))
        self._changes.append(("UPDATE", class_name, row_id))

    def delete(self, class_name: str, ids: Sequence[int]) -> None:
        """Remove rows."""
        if ids:
            table = table_of(class_name)
            self.connection.execute(delete(table).where(table.c.id.in_(ids)))
            self._changes += [("DELETE", class_name, row_id) for row_id in ids]

    def finish(self) -> None:
        """Write the log of all changes."""
        if self._changes:
            log(self.connection, self._event, self._changes)
        self._changes = []
