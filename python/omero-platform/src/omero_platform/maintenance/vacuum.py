"""VACUUM (ANALYZE) of the tables that need it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import errors, sql

from omero_platform.maintenance.outcome import Outcome

if TYPE_CHECKING:
    from omero_platform.maintenance.databases import DatabaseAddress

DEAD_SHARE = 0.02  # of a table's rows; autovacuum's own limit is ten times higher
CHANGED_SHARE = 0.05  # since the last ANALYZE
FEW_ROWS = 50
ATTEMPTS = 3  # for a table that somebody has locked

# Sizes are those that the last VACUUM noted: asking for the real ones would wait for locks.
TABLES = """
SELECT s.schemaname, s.relname, s.n_live_tup, s.n_dead_tup, s.n_mod_since_analyze, s.n_ins_since_vacuum,
       coalesce(s.last_analyze, s.last_autoanalyze) IS NULL AS never_analysed,
       c.relpages::bigint * current_setting('block_size')::bigint
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
WHERE pg_has_role(c.relowner, 'USAGE')
ORDER BY s.schemaname, s.relname
"""
STATE = """
SELECT s.n_dead_tup, c.relpages::bigint * current_setting('block_size')::bigint
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE s.schemaname = %s AND s.relname = %s
"""


@dataclass(frozen=True)
class Table:
    """What PostgreSQL has counted about a table."""

    schema: str
    name: str
    live_rows: int
    dead_rows: int
    changed_rows: int
    inserted_rows: int
    never_analysed: bool
    size_bytes: int

    def need(self) -> str:
        """Why the table should be cleaned up; empty when it need not."""
        rows = self.live_rows + self.dead_rows
        if self.dead_rows > FEW_ROWS and self.dead_rows > DEAD_SHARE * rows:
            return f"{self.dead_rows} of {rows} rows are dead"
        if self.never_analysed and rows:
            return "its contents were never analysed"
        if self.changed_rows > FEW_ROWS and self.changed_rows > CHANGED_SHARE * rows:
            return f"{self.changed_rows} rows changed since it was analysed"
        if self.inserted_rows > 1000 and self.inserted_rows > 0.2 * rows:
            return f"{self.inserted_rows} rows were added since it was cleaned up"
        return ""


def vacuum_database(
    address: DatabaseAddress, *, lock_seconds: float, force: bool = False, dry_run: bool = False
) -> list[Outcome]:
    """Clean up every table that needs it; a table that stays locked is reported as busy, not waited for."""
    connection = address.connect(lock_timeout=f"{int(lock_seconds * 1000)}ms")
    try:
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            tables = [Table(*row) for row in cursor.fetchall()]
            done = []
            waiting = []
            for table in tables:
                need = table.need() or ("asked for" if force else "")
                if not need or dry_run:
                    state, reason = ("planned", need) if need else ("skipped", "nothing to do")
                    done.append(outcome(address, table, state, reason))
                    continue
                waiting.append((table, need))
            for attempt in range(ATTEMPTS):
                results = [
                    (table, need, vacuum_table(address, cursor, table, need)) for table, need in waiting
                ]
                last = attempt == ATTEMPTS - 1
                done += [result for _table, _need, result in results if last or result.state != "busy"]
                waiting = [(table, need) for table, need, result in results if result.state == "busy"]
            return done
    finally:
        connection.close()


def vacuum_table(address: DatabaseAddress, cursor: Any, table: Table, need: str) -> Outcome:
    """Clean up one table."""
    began = time.monotonic()
    try:
        cursor.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table.schema, table.name)))
    except errors.LockNotAvailable:
        return outcome(address, table, "busy", "somebody has locked it")
    except psycopg2.Error as error:
        return outcome(address, table, "failed", " ".join(str(error).split()))
    cursor.execute("SELECT pg_stat_force_next_flush()")
    cursor.execute(STATE, [table.schema, table.name])
    dead, size = cursor.fetchone() or (0, 0)
    return outcome(address, table, "done", need, size, dead, time.monotonic() - began)


def outcome(
    address: DatabaseAddress, table: Table, state: str, reason: str,
    bytes_after: int | None = None, dead_after: int | None = None, seconds: float = 0.0,
) -> Outcome:  # fmt: skip
    """What became of a table."""
    return Outcome(
        database=address.service,
        action="vacuum_analyze",
        name=f"{table.schema}.{table.name}",
        state=state,
        reason=reason,
        bytes_before=table.size_bytes,
        bytes_after=table.size_bytes if bytes_after is None else bytes_after,
        dead_rows_before=table.dead_rows,
        dead_rows_after=table.dead_rows if dead_after is None else dead_after,
        seconds=round(seconds, 3),
    )
