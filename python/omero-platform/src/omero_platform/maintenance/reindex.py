"""REINDEX CONCURRENTLY of the indexes that waste space, and clearing out what interrupted runs have left."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import errors, sql

from omero_platform.maintenance.bloat import Index, indexes
from omero_platform.maintenance.outcome import Outcome

if TYPE_CHECKING:
    from omero_platform.maintenance.databases import DatabaseAddress

SIZE = """
SELECT c.relpages::bigint * current_setting('block_size')::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s
"""
LEFTOVER = re.compile(r".*_cc(new|old)\d*")  # how PostgreSQL names an index that it is building or replacing


def reindex_database(
    address: DatabaseAddress, *, lock_seconds: float, force: bool = False, dry_run: bool = False
) -> list[Outcome]:
    """Build anew what needs it; what has to wait for somebody's transaction for too long is reported as busy."""
    connection = address.connect(lock_timeout=f"{int(lock_seconds * 1000)}ms")
    try:
        with connection.cursor() as cursor:
            found = indexes(cursor)
            outcomes = [
                drop_leftover(address, cursor, index, dry_run=dry_run)
                for index in found
                if is_leftover(index)
            ]
            for index in found:
                if is_leftover(index):
                    continue
                need = index.need() or ("asked for" if force else "")
                if not need or dry_run:
                    state, reason = ("planned", need) if need else ("skipped", "nothing to do")
                    outcomes.append(outcome(address, index, "reindex", state, reason))
                    continue
                outcomes.append(reindex(address, cursor, index, need))
            return outcomes
    finally:
        connection.close()


def is_leftover(index: Index) -> bool:
    """Whether an interrupted REINDEX CONCURRENTLY left this index behind."""
    return not index.valid and bool(LEFTOVER.fullmatch(index.name))


def reindex(address: DatabaseAddress, cursor: Any, index: Index, need: str) -> Outcome:
    """Build one index anew; readers and writers go on meanwhile. What a failed attempt leaves is dropped."""
    began = time.monotonic()
    name = sql.Identifier(index.schema, index.name)
    try:
        cursor.execute(sql.SQL("REINDEX INDEX CONCURRENTLY {}").format(name))
    except psycopg2.Error as error:
        busy = isinstance(error, errors.LockNotAvailable)
        clear_after(address, cursor, index)
        reason = "a transaction that is still open uses its table" if busy else " ".join(str(error).split())
        return outcome(address, index, "reindex", "busy" if busy else "failed", reason)
    cursor.execute(SIZE, [index.schema, index.name])
    size = cursor.fetchone()[0]
    return outcome(address, index, "reindex", "done", need, size, time.monotonic() - began)


def clear_after(address: DatabaseAddress, cursor: Any, index: Index) -> None:
    """Drop the half-built index of a failed attempt, as far as nobody holds it."""
    for found in indexes(cursor):
        if is_leftover(found) and found.table == index.table:
            drop_leftover(address, cursor, found, dry_run=False)


def drop_leftover(address: DatabaseAddress, cursor: Any, index: Index, *, dry_run: bool) -> Outcome:
    """Remove an index that no query uses and every write has to maintain."""
    reason = "left behind by an interrupted run"
    if dry_run:
        return outcome(address, index, "drop", "planned", reason)
    began = time.monotonic()
    try:
        cursor.execute(
            sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(index.schema, index.name))
        )
    except errors.LockNotAvailable:
        return outcome(address, index, "drop", "busy", "a transaction that is still open uses its table")
    except psycopg2.Error as error:
        return outcome(address, index, "drop", "failed", " ".join(str(error).split()))
    return outcome(address, index, "drop", "done", reason, 0, time.monotonic() - began)


def outcome(
    address: DatabaseAddress, index: Index, action: str, state: str, reason: str,
    bytes_after: int | None = None, seconds: float = 0.0,
) -> Outcome:  # fmt: skip
    """What became of an index."""
    return Outcome(
        database=address.service,
        action=action,
        name=f"{index.schema}.{index.name}",
        state=state,
        reason=reason,
        bytes_before=index.size_bytes,
        bytes_after=index.size_bytes if bytes_after is None else bytes_after,
        seconds=round(seconds, 3),
    )
