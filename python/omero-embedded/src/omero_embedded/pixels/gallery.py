"""Many thumbnails at once: rows in a few queries, pictures on several threads."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_embedded.pixels.initial import initial_settings
from omero_embedded.pixels.keep import keep_first_settings
from omero_embedded.pixels.renderer import Renderer
from omero_embedded.pixels.rows import load_pixels
from omero_embedded.pixels.settings import fitted
from omero_embedded.pixels.settings_rows import best_settings, load_settings
from omero_embedded.pixels.thumbnail_rows import note_thumbnails
from omero_embedded.pixels.thumbs import ThumbnailKey, render_thumbnail
from omero_embedded.pixels.types import PixelsError
from omero_embedded.pixels.uploaded import uploaded_luts
from omero_embedded.pixels.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.settings import RenderSettings
    from omero_embedded.pixels.store import PixelStore
    from omero_embedded.pixels.thumbs import ThumbnailCache
    from omero_embedded.pixels.types import Dimensions
    from omero_embedded.security.context import Call

log = logging.getLogger(__name__)

_painters = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1), thread_name_prefix="thumbnail")
UNSAVED = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """Pixels with the settings to show them; the id is 0 for settings that nobody saved."""

    info: PixelsInfo
    settings: RenderSettings
    settings_id: int = UNSAVED
    settings_version: int = 0

    def key(self, size: tuple[int, int]) -> ThumbnailKey:
        """What a thumbnail of this size is kept under."""
        return ThumbnailKey(self.info.id, self.info.version, self.settings_id, self.settings_version, *size)


class Gallery:
    """Makes and keeps thumbnails."""

    def __init__(self, store: PixelStore, cache: ThumbnailCache) -> None:
        self._store = store
        self.cache = cache

    def shown(self, call: Call, pixels_ids: Iterable[int]) -> list[Shown]:
        """Those of the pixels that the caller can see, with the caller's settings, else the owner's, else defaults.

        Defaults are saved for the caller where that is allowed, as OMERO does.
        """
        with call.db.read() as connection:
            infos = load_pixels(connection, call, pixels_ids)
            stored = load_settings(connection, call, infos)
        found, bare = [], []
        for info in infos.values():
            best = best_settings(stored.get(info.id, ()), info, call.caller.user_id)
            if best is None:
                bare.append(info)
            else:
                found.append(Shown(info, fitted(best.settings, info), best.id, best.version))
        return found + self._with_defaults(call, bare)

    def _with_defaults(self, call: Call, infos: list[PixelsInfo]) -> list[Shown]:
        wanted = [
            (info, initial_settings(self._store, info)) for info in infos if self._store.exists(info.id)
        ]
        own = [pair for pair in wanted if pair[0].allows_settings(call)]
        kept = self._kept(call, own)
        # Somebody was quicker, with settings or by deleting them.
        overtaken = [info.id for info, _ in own if info.id not in kept]
        made = [
            Shown(info, settings, kept.get(info.id, UNSAVED))
            for info, settings in wanted
            if info.id not in overtaken
        ]
        return made + (self.shown(call, overtaken) if overtaken else [])

    def _kept(self, call: Call, wanted: list[tuple[PixelsInfo, RenderSettings]]) -> dict[int, int]:
        if not wanted:
            return {}
        with call.db.write() as connection:
            writer = Writer(connection, call)
            kept = keep_first_settings(writer, call, wanted)
            writer.finish()
        return {info.id: settings_id for info, settings_id in kept}

    def pictures(
        self, call: Call, shown: list[Shown], size_of: Callable[[Dimensions], tuple[int, int]]
    ) -> dict[int, bytes]:
        """Thumbnails by pixels id, from the cache or made now; images that cannot be read are left out."""
        result: dict[int, bytes] = {}
        missing: list[tuple[Shown, tuple[int, int]]] = []
        kept = []
        for one in shown:
            size = size_of(one.info.dimensions)
            data = self.cache.get(one.key(size))
            if data is None:
                missing.append((one, size))
            else:
                result[one.info.id] = data
                kept.append((one.info, size))
        made = []
        for (one, size), data in zip(
            missing, _painters.map(lambda job: self._try(call, *job), missing), strict=True
        ):
            if data is not None:
                result[one.info.id] = data
                made.append((one.info, size))
        if made:
            note_thumbnails(call, made)
        if kept:
            note_thumbnails(call, kept, renewed=False)
        return result

    def _try(self, call: Call, shown: Shown, size: tuple[int, int]) -> bytes | None:
        try:
            data = self.paint(call, shown, size)
        except (PixelsError, OSError) as error:
            log.warning("no thumbnail pixels=%s reason=%s", shown.info.id, error)
            return None
        self.cache.put(shown.key(size), data)
        return data

    def one(self, call: Call, shown: Shown, size: tuple[int, int]) -> bytes:
        """A thumbnail, from the cache or made now; raises PixelsError or OSError when the data cannot be read."""
        key = shown.key(size)
        data = self.cache.get(key)
        if data is None:
            data = self.paint(call, shown, size)
            self.cache.put(key, data)
            note_thumbnails(call, [(shown.info, size)])
        return data

    def paint(
        self, call: Call, shown: Shown, size: tuple[int, int], z: int | None = None, t: int | None = None
    ) -> bytes:
        """A thumbnail made now, of the plane that the settings name or another one."""
        info, settings = shown.info, shown.settings
        source = self._store.open(info.id, info.dimensions, info.type)
        renderer = Renderer(source, info, settings, uploaded_luts(call))
        at_z = settings.default_z if z is None else z
        at_t = settings.default_t if t is None else t
        return render_thumbnail(renderer, *size, at_z, at_t)
