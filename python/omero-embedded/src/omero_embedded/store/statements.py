"""Statements that are built once: building one takes longer than running it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Insert, Select, Table


def chunks(ids: Iterable[int], size: int = 500) -> list[list[int]]:
    """The ids in sorted portions that fit into one statement."""
    ordered = sorted(set(ids))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


@cache
def insert_into(table: Table) -> Insert:
    """Insert rows; which columns is told by the first of them."""
    return insert(table)


@cache
def id_by_value(table: Table) -> Select[Any]:
    """The id of an enumeration's entry, by `wanted`."""
    return select(table.c.id).where(table.c.value == bindparam("wanted"))
