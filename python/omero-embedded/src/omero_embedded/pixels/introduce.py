"""The first settings and thumbnails of images that were just imported, written in one transaction."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import omero

from omero_embedded.pixels.gallery import Gallery, Shown
from omero_embedded.pixels.initial import initial_settings
from omero_embedded.pixels.keep import keep_first_settings
from omero_embedded.pixels.rows import load_pixels
from omero_embedded.pixels.shared import pixel_store, thumbnail_cache
from omero_embedded.pixels.thumbnail_rows import insert_thumbnails
from omero_embedded.pixels.thumbs import size_for
from omero_embedded.pixels.types import PixelsError
from omero_embedded.pixels.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.store import PixelStore
    from omero_embedded.security.context import Call

log = logging.getLogger(__name__)


def introduce(call: Call, pixels_ids: Sequence[int], longest_side: int) -> None:
    """Save default settings and a thumbnail of each image for the caller.

    An image that cannot be shown is left without thumbnail, or without both; one that somebody made settings for in the
    meantime is left alone.
    """
    store = pixel_store(call.server)
    gallery = Gallery(store, thumbnail_cache(call.server))
    with call.db.read() as connection:
        infos = load_pixels(connection, call, pixels_ids)
    allowed = (info for info in infos.values() if info.allows_settings(call))
    shown = [one for info in allowed if (one := _shown(store, info)) is not None]
    painted = {one.info.id: _painted(gallery, call, one, longest_side) for one in shown}
    for one in _saved(call, shown, {key for key, data in painted.items() if data is not None}, longest_side):
        data = painted[one.info.id]
        if data is not None:
            gallery.cache.put(one.key(size_for(one.info.dimensions, longest_side)), data)


def _shown(store: PixelStore, info: PixelsInfo) -> Shown | None:
    try:
        return Shown(info, initial_settings(store, info))
    except (PixelsError, OSError) as error:
        log.warning("no settings pixels=%s reason=%s", info.id, error)
        return None


def _painted(gallery: Gallery, call: Call, shown: Shown, longest_side: int) -> bytes | None:
    try:
        return gallery.paint(call, shown, size_for(shown.info.dimensions, longest_side))
    except (PixelsError, OSError, omero.ServerError) as error:
        log.warning("no thumbnail pixels=%s reason=%s", shown.info.id, error)
        return None


def _saved(call: Call, shown: Sequence[Shown], painted: set[int], longest_side: int) -> list[Shown]:
    """Those that nobody had settings for, now with their ids; the painted ones also get a Thumbnail row."""
    settings = {one.info.id: one.settings for one in shown}
    with call.db.write() as connection:
        writer = Writer(connection, call)
        kept = keep_first_settings(writer, call, [(one.info, one.settings) for one in shown])
        sizes = [(info, size_for(info.dimensions, longest_side)) for info, _ in kept]
        insert_thumbnails(writer, [pair for pair in sizes if pair[0].id in painted])
        writer.finish()
    return [Shown(info, settings[info.id], settings_id) for info, settings_id in kept]
