"""Thumbnail rows: which user has which thumbnail of which pixels; their version tells clients when to ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from omero_embedded.pixels.rows import load_pixels
from omero_embedded.pixels.writer import Writer
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.security.context import Call

MIMETYPE = "image/jpeg"


def note_thumbnails(
    call: Call, made: Sequence[tuple[PixelsInfo, tuple[int, int]]], *, renewed: bool = True
) -> None:
    """Add the caller's rows of thumbnails; those that exist get a new version if the picture was `renewed`."""
    allowed = [(info, size) for info, size in made if info.allows_settings(call)]
    ids, user = [info.id for info, _ in allowed], call.caller.user_id
    if not renewed:
        with call.db.read() as connection:
            existing = _existing(connection, user, ids)
        allowed = [(info, size) for info, size in allowed if (info.id, *size) not in existing]
    if not allowed:
        return
    with call.db.write() as connection:
        # Only what is found in here is true: the image may be deleted by now, or in another group, or noted.
        existing, now = _existing(connection, user, ids), load_pixels(connection, call, ids)
        writer = Writer(connection, call)
        there = {(info.id, size): now[info.id] for info, size in allowed if info.id in now}
        insert_thumbnails(
            writer, [(info, size) for (_, size), info in there.items() if (info.id, *size) not in existing]
        )
        known = [existing[key, *size] for key, size in there if (key, *size) in existing]
        for row_id in known if renewed else ():
            writer.update("Thumbnail", row_id, {"mimetype": MIMETYPE})
        writer.finish()


def insert_thumbnails(writer: Writer, made: Sequence[tuple[PixelsInfo, tuple[int, int]]]) -> None:
    """Add rows of the writer's user."""
    writer.insert_in("Thumbnail", [(info.group_id, _row(info.id, size)) for info, size in made])


def has_thumbnail(connection: Connection, user_id: int, pixels_id: int, size: tuple[int, int]) -> bool:
    """Whether the user has a row for a thumbnail of this size."""
    return (pixels_id, *size) in _existing(connection, user_id, [pixels_id])


def _row(pixels_id: int, size: tuple[int, int]) -> Mapping[str, object]:
    return {"pixels": pixels_id, "sizex": size[0], "sizey": size[1], "mimetype": MIMETYPE}


def _existing(
    connection: Connection, user_id: int, pixels_ids: Sequence[int]
) -> dict[tuple[int, int, int], int]:
    table = TABLES["Thumbnail"]
    statement = select(table.c.id, table.c.pixels, table.c.sizex, table.c.sizey)
    statement = statement.where(table.c.details_owner == user_id)
    return {
        (row.pixels, row.sizex, row.sizey): row.id
        for chunk in chunks(pixels_ids)
        for row in connection.execute(statement.where(table.c.pixels.in_(chunk)))
    }
