"""Ids for new rows, known before the rows are written so that they can point to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Table

# SQLite takes its numbers back with a transaction that fails. What such a one wrote into files is still on disk then,
# under ids that must not become those of others.
_handed_out: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()
_USED = "SELECT name, seq FROM sqlite_sequence WHERE name IN"
_RESERVE = text(
    "SELECT setval(sequence, greatest(nextval(sequence), :last)) "
    "FROM (SELECT pg_get_serial_sequence(:name, 'id') AS sequence) one"
)
_NEXT = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")


def allocate(connection: Connection, table: Table, count: int) -> list[int]:
    """`count` ids that no row of the table has or had; call within a write transaction."""
    return allocate_in(connection, {table: count})[table]


def allocate_in(connection: Connection, counts: Mapping[Table, int]) -> dict[Table, list[int]]:
    """Like `allocate` for several tables: so many ids of each."""
    if connection.dialect.name != "sqlite":
        return {
            table: list(connection.scalars(_NEXT, {"name": f'"{table.name}"', "count": count}))
            for table, count in counts.items()
        }
    names = tuple(table.name for table in counts)
    rows = connection.exec_driver_sql(f"{_USED} ({', '.join('?' * len(names))})", names)
    used: dict[str, int] = {row.name: row.seq for row in rows}
    for table in counts:
        if table.name not in used:
            used[table.name] = connection.scalar(select(func.max(table.c.id))) or 0
    handed_out = _handed_out.setdefault(connection.engine, {})
    fresh: dict[Table, list[int]] = {}
    for table, count in counts.items():
        last = max(used[table.name], handed_out.get(table.name, 0))
        fresh[table] = list(range(last + 1, last + 1 + count))
        handed_out[table.name] = last + count
    return fresh


def reserve(connection: Connection, table: Table, last: int) -> None:
    """Give no id up to `last` from now on; call within a write transaction."""
    if connection.dialect.name == "sqlite":
        handed_out = _handed_out.setdefault(connection.engine, {})
        handed_out[table.name] = max(handed_out.get(table.name, 0), last)
    else:
        connection.execute(_RESERVE, {"name": f'"{table.name}"', "last": last})
