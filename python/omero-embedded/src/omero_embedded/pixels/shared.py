"""The one pixel store and thumbnail cache of a server, found by whoever needs them."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from omero_embedded.pixels.store import MAX_PLANE, PixelStore
from omero_embedded.pixels.thumbs import ThumbnailCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.server import Server

_caches: weakref.WeakKeyDictionary[Server, ThumbnailCache] = weakref.WeakKeyDictionary()
_stores: weakref.WeakKeyDictionary[Server, PixelStore] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def pixel_store(server: Server) -> PixelStore:
    """The server's pixel store below <data>/Pixels; made at first use, closed when the server stops."""
    with _lock:
        found = _stores.get(server)
        if found is None:
            found = _stores[server] = PixelStore(server.data / "Pixels", _max_plane(server))
            server.on_stopped(found.close)
            server.after_delete.append(_for_pixels(found.delete))
        return found


def thumbnail_cache(server: Server) -> ThumbnailCache:
    """The server's thumbnails below <data>/Thumbnails; made at first use."""
    with _lock:
        found = _caches.get(server)
        if found is None:
            found = _caches[server] = ThumbnailCache(server.data / "Thumbnails")
            server.after_delete.append(_for_pixels(found.forget))
        return found


def _max_plane(server: Server) -> tuple[int, int]:
    width = server.config.get("omero.pixeldata.max_plane_width", MAX_PLANE)
    height = server.config.get("omero.pixeldata.max_plane_height", MAX_PLANE)
    return int(width), int(height)


def _for_pixels(forget: Callable[[int], None]) -> Callable[[str, list[int]], None]:
    def deleted(class_name: str, ids: list[int]) -> None:
        if class_name == "Pixels":
            for pixels_id in ids:
                forget(pixels_id)

    return deleted
