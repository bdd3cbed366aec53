"""The masks of a table that is attached to an object, for RenderingEngine.setOverlays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.grid

from omero_embedded import errors
from omero_embedded.files import rows as file_rows
from omero_embedded.files.layout import path_of
from omero_embedded.files.repositories import repositories_of
from omero_embedded.hql.run import rows
from omero_embedded.pixels.overlays import Overlay
from omero_embedded.services.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_FILE = "select a.file.id from FileAnnotation a where a.id = :id"


def read_overlays(server: Server, call: Call, annotation_id: int, colors: Mapping[int, int]) -> list[Overlay]:
    """The masks in these rows of the table that a FileAnnotation attaches, each with its colour."""
    found = rows(call, _FILE, {"id": annotation_id})
    if not found:
        raise errors.api_usage(
            f"no FileAnnotation:{annotation_id} that {call.caller.user_name} can see in this group"
        )
    with call.db.read() as connection:
        file = file_rows.find(connection, call, found[0][0])
    table = Table(server, call, file, path_of(server.data, repositories_of(server), file))
    try:
        return _masks(table, call, annotation_id, colors)
    finally:
        table.close(call)


def _masks(table: Table, call: Call, annotation_id: int, colors: Mapping[int, int]) -> list[Overlay]:
    headers: list[Any] = table.getHeaders(call)
    column = next((n for n, one in enumerate(headers) if isinstance(one, omero.grid.MaskColumn)), None)
    if column is None:
        raise errors.api_usage(f"the table of FileAnnotation:{annotation_id} has no column of masks")
    numbers, count = list(colors), table.getNumberOfRows(call)
    wrong = [number for number in numbers if not 0 <= number < count]
    if wrong:
        raise errors.api_usage(f"there is no row {wrong[0]} in a table of {count}")
    masks = table.slice(call, [column], numbers).columns[0].bytes
    return [Overlay(bytes(bits), colors[number]) for number, bits in zip(numbers, masks, strict=True)]
