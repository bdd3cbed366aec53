"""Enumeration entries as omero.model objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded.pixels.types import PixelsError
from omero_embedded.services.types import enumeration
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from omero_embedded.security.context import Call


def entries(call: Call, class_name: str) -> list[Any]:
    """All entries of an enumeration."""
    table = TABLES[class_name]
    with call.db.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).mappings().all()
    return [enumeration(class_name, row) for row in rows]


def entry(call: Call, class_name: str, value: str) -> Any:
    """The entry with this value."""
    return next(found for found in entries(call, class_name) if found.getValue().getValue() == value)


def value_of(call: Call, class_name: str, sent: Any) -> str:
    """The value of an entry that a client sent, by value or by id; PixelsError if there is none."""
    if sent is None:
        raise PixelsError(f"a {class_name} is needed")
    if sent.isLoaded() and sent.getValue() is not None:
        return str(sent.getValue().getValue())
    found = next((one for one in entries(call, class_name) if one.getId() == sent.getId()), None)
    if found is None:
        raise PixelsError(f"no {class_name} with this id")
    return str(found.getValue().getValue())
