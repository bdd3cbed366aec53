"""The bytes of copied files and pixels."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from sqlalchemy import update

from omero_embedded.commands.base import GraphError
from omero_embedded.files.layout import by_id, path_of
from omero_embedded.files.repositories import repositories_of
from omero_embedded.files.rows import DIRECTORY, TABLE, select_rows
from omero_embedded.pixels.rows import PixelsInfo, load_pixels
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.source import read_plane, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from omero_embedded.commands.graph.things import Key
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


def copy_files(server: Server, connection: Connection, call: Call, ids: Mapping[Key, int]) -> None:
    """Give copied original files and pixels their own bytes; `ids` maps the originals to the ids of the copies.

    Copies of imported files live outside the managed repository, where each file has one row. Raises GraphError for
    scripts. Nothing is left behind when it fails.
    """
    files = {key[1]: copy for key, copy in ids.items() if key[0] == "OriginalFile"}
    pixels = {key[1]: copy for key, copy in ids.items() if key[0] == "Pixels"}
    try:
        _copy_originals(server, connection, files)
        _copy_pixels(server, load_pixels(connection, call, pixels), pixels)
    except BaseException:
        for copy in files.values():
            by_id(server.data, copy).unlink(missing_ok=True)
        for copy in pixels.values():
            pixel_store(server).delete(copy)
        raise


def _copy_originals(server: Server, connection: Connection, copies: Mapping[int, int]) -> None:
    repositories = repositories_of(server)
    for row in select_rows(connection, TABLE.c.id.in_(copies)):
        if row.mimetype == DIRECTORY:
            continue
        if row.repo == repositories.scripts.uuid:
            raise GraphError(
                f"will not duplicate OriginalFile[{row.id}] because it is in the scripts repository"
            )
        source, target = path_of(server.data, repositories, row), by_id(server.data, copies[row.id])
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    connection.execute(update(TABLE).where(TABLE.c.id.in_(copies.values())).values(repo=None))


def _copy_pixels(server: Server, infos: Mapping[int, PixelsInfo], copies: Mapping[int, int]) -> None:
    store = pixel_store(server)
    for original, copy in copies.items():
        info = infos.get(original)
        if info is None or not store.exists(original):
            continue
        source = store.open(original, info.dimensions, info.type)
        target = store.create(copy, info.dimensions, info.type)
        try:
            size = info.dimensions
            for t in range(size.t):
                for c in range(size.c):
                    for z in range(size.z):
                        plane = read_plane(source, z, c, t).astype(info.type.big_endian)
                        target.write(z, c, t, whole(source), plane.tobytes())
        finally:
            target.close()
