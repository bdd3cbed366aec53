"""Ids for new rows, known before the rows are written so that they can point to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_USED = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_NEXT = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")


def allocate(connection: Connection, table: Table, count: int) -> list[int]:
    """`count` ids that no row of the table has or had; call within a write transaction."""
    if connection.dialect.name == "sqlite":
        used = connection.scalar(_USED, {"name": table.name})
        if used is None:
            used = connection.scalar(select(func.max(table.c.id))) or 0
        return list(range(used + 1, used + 1 + count))
    return list(connection.scalars(_NEXT, {"name": f'"{table.name}"', "count": count}))
