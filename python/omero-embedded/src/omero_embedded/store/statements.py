"""Statements that are built once: building one takes longer than running it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

if TYPE_CHECKING:
    from sqlalchemy import Insert, Select, Table


@cache
def insert_into(table: Table) -> Insert:
    """Insert rows; which columns is told by the first of them."""
    return insert(table)


@cache
def id_by_value(table: Table) -> Select[Any]:
    """The id of an enumeration's entry, by `wanted`."""
    return select(table.c.id).where(table.c.value == bindparam("wanted"))
