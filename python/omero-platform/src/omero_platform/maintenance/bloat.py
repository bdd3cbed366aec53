"""How much of an index is wasted, estimated from PostgreSQL's statistics without reading the index."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

PAGE_BYTES = 8192
PAGE_HEADER_BYTES = 24 + 16  # of the page and of the B-tree
ENTRY_HEADER_BYTES = 8 + 4  # of the entry and its pointer
ALIGNMENT_BYTES = 8
FILL = 0.9  # how full a freshly built B-tree's pages are
WORTHWHILE_BYTES = 1024 * 1024
WORTHWHILE_SHARE = 0.3

# Sizes and entries are those that the last VACUUM noted: asking for the real size would wait for locks.
INDEXES = """
SELECT n.nspname, i.relname, t.relname, am.amname, x.indisvalid, i.reltuples,
       i.relpages::bigint * current_setting('block_size')::bigint, width.bytes
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = i.relnamespace
JOIN pg_am am ON am.oid = i.relam
CROSS JOIN LATERAL (
  SELECT coalesce(sum(coalesce(of_column.avg_width, of_expression.avg_width, 8)), 8) AS bytes
  FROM pg_attribute a
  LEFT JOIN pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum = x.indkey[a.attnum - 1] AND ta.attnum > 0
  LEFT JOIN pg_stats of_column
    ON of_column.schemaname = n.nspname AND of_column.tablename = t.relname AND of_column.attname = ta.attname
  LEFT JOIN pg_stats of_expression
    ON of_expression.schemaname = n.nspname AND of_expression.tablename = i.relname
    AND of_expression.attname = a.attname
  WHERE a.attrelid = i.oid AND a.attnum > 0
) width
WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND i.relkind = 'i'
  AND pg_has_role(i.relowner, 'USAGE') AND i.relpersistence <> 't'
ORDER BY n.nspname, i.relname
"""


@dataclass(frozen=True)
class Index:
    """An index with what is known about its size; `entries` is below zero when it was never counted."""

    schema: str
    name: str
    table: str
    method: str
    valid: bool
    entries: float
    size_bytes: int
    entry_bytes: int

    @property
    def ideal_bytes(self) -> int:
        """About how large the index would be when built anew."""
        aligned = math.ceil(self.entry_bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
        per_page = (PAGE_BYTES - PAGE_HEADER_BYTES) * FILL / (aligned + ENTRY_HEADER_BYTES)
        leaves = math.ceil(max(self.entries, 0) / max(per_page, 1))
        return PAGE_BYTES * (leaves + math.ceil(leaves / 100) + 1)

    @property
    def wasted_bytes(self) -> int:
        """The estimate; 0 when nothing can be said."""
        if self.method != "btree" or self.entries < 0:
            return 0
        return max(0, self.size_bytes - self.ideal_bytes)

    def need(self) -> str:
        """Why the index should be built anew; empty when it need not."""
        if not self.valid:
            return "it is invalid, so no query uses it"
        wasted = self.wasted_bytes
        if wasted >= WORTHWHILE_BYTES and wasted >= WORTHWHILE_SHARE * self.size_bytes:
            return f"about {wasted / self.size_bytes:.0%} of {self.size_bytes / 2**20:.1f} MiB is wasted"
        return ""


def indexes(cursor: Any) -> list[Index]:
    """Every index of the account's own tables."""
    cursor.execute(INDEXES)
    return [
        Index(schema, name, table, method, valid, float(entries), int(size), int(width))
        for schema, name, table, method, valid, entries, size, width in cursor.fetchall()
    ]
