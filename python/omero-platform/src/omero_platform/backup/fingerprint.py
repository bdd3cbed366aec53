"""Comparing databases: the number of rows of every table, and a sum over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg2 import sql

from omero_platform.backup.manifest import TablePrint

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
SAME_TEXT = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'iso_8601'; "
    "SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'"
)


def fingerprint(cursor: Any) -> dict[str, TablePrint]:
    """Every table by `schema.name`; the cursor is in a transaction that sees one state of the database."""
    cursor.execute(SAME_TEXT)
    cursor.execute(TABLES)
    found = {}
    for schema, table in cursor.fetchall():
        cursor.execute(
            sql.SQL(
                "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t"
            ).format(sql.Identifier(schema, table))
        )
        rows, total = cursor.fetchone()
        found[f"{schema}.{table}"] = TablePrint(rows, total)
    return found


def differences(expected: Mapping[str, TablePrint], found: Mapping[str, TablePrint]) -> list[str]:
    """A sentence per table that is not the same."""
    sentences = []
    for table in sorted({*expected, *found}):
        before, after = expected.get(table), found.get(table)
        if before == after:
            continue
        if before is None or after is None:
            sentences.append(f"{table} {'is missing' if after is None else 'was not there'}")
        elif before.rows != after.rows:
            sentences.append(f"{table} has {after.rows} rows instead of {before.rows}")
        else:
            sentences.append(f"{table} has other contents")
    return sentences
