"""Lookup tables that users brought: .lut files among the server's script files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from omero_embedded.files.layout import path_of
from omero_embedded.files.repositories import repositories_of
from omero_embedded.files.rows import find
from omero_embedded.pixels.luts import ICOL_BYTES, MIMETYPE
from omero_embedded.security.context import ALL_GROUPS
from omero_embedded.security.filters import visible
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call

# Tables as text are longer than the binary ones, but never this long.
_MOST_BYTES = 20 * ICOL_BYTES


def uploaded_luts(call: Call) -> Callable[[str], bytes | None]:
    """A function that finds the bytes of a .lut file by name, None where the caller sees none."""
    everywhere = replace(call, group=ALL_GROUPS)

    def read(name: str) -> bytes | None:
        table = TABLES["OriginalFile"]
        newest = select(table.c.id).where(table.c.name == name, table.c.mimetype == MIMETYPE)
        condition = visible(everywhere, table)
        if condition is not None:
            newest = newest.where(condition)
        with call.db.read() as connection:
            found = connection.scalar(newest.order_by(table.c.id.desc()))
            if found is None:
                return None
            row = find(connection, everywhere, found)
        path = path_of(call.server.data, repositories_of(call.server), row)
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)

    return read
