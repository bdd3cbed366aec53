"""Looking at one group, or at all groups, for the length of a `with` block."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_GROUPS = -1


@contextmanager
def in_group(conn: Any, group_id: int) -> Iterator[Any]:
    """Make calls of the connection act in a group (ALL_GROUPS for reading everywhere), then as before again."""
    before = conn.SERVICE_OPTS.getOmeroGroup()
    conn.SERVICE_OPTS.setOmeroGroup(str(group_id))
    try:
        yield conn
    finally:
        conn.SERVICE_OPTS.setOmeroGroup(before)
