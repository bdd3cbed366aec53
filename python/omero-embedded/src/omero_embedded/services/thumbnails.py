"""ThumbnailStore: small pictures of images, one by one or a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.gallery import Gallery, Shown
from omero_embedded.pixels.initial import initial_settings
from omero_embedded.pixels.keep import keep_settings, kept_of, kept_settings
from omero_embedded.pixels.rows import load_pixels, one_pixels
from omero_embedded.pixels.settings import fitted
from omero_embedded.pixels.settings_rows import best_settings, load_settings
from omero_embedded.pixels.shared import pixel_store, thumbnail_cache
from omero_embedded.pixels.thumbnail_rows import has_thumbnail
from omero_embedded.pixels.thumbs import DEFAULT_SIZE, check_size, size_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session


@typed_faults
class ThumbnailStore:
    """Thumbnails of one Pixels at a time, or of a set."""

    interface = "omero.api.ThumbnailStore"
    stateful = True

    def __init__(self, server: Server, session: Session) -> None:
        self._session = session
        self._store = pixel_store(server)
        self._gallery = Gallery(self._store, thumbnail_cache(server))
        self._info: PixelsInfo | None = None
        self._shown: Shown | None = None

    # Which image, shown how

    def setPixelsId(self, call: Call, pixels_id: int) -> bool:
        """Use these pixels; False if neither the caller nor the owner has settings for them, or a share does not show them."""
        with call.db.read() as connection:
            if call.caller.share is not None and not load_pixels(connection, call, [pixels_id]):
                self._info = self._shown = None
                return False
            info = one_pixels(connection, call, pixels_id)
            found = load_settings(connection, call, [pixels_id]).get(pixels_id, [])
        best = best_settings(found, info, call.caller.user_id)
        self._info = info
        self._shown = (
            None if best is None else Shown(info, fitted(best.settings, info), best.id, best.version)
        )
        return best is not None

    def setRenderingDefId(self, call: Call, rendering_def_id: int) -> None:
        """Show the pixels with these settings."""
        stored = kept_settings(call, rendering_def_id)
        if stored.pixels_id != self._pixels.id:
            raise errors.validation(
                f"RenderingDef:{rendering_def_id} belongs to Pixels:{stored.pixels_id}, not Pixels:{self._pixels.id}"
            )
        self._shown = Shown(self._pixels, fitted(stored.settings, self._pixels), stored.id, stored.version)

    def getRenderingDefId(self, call: Call) -> int:
        """The id of the settings in use."""
        del call
        if self._shown is None or not self._shown.settings_id:
            raise errors.api_usage("no saved settings in use; call setPixelsId or resetDefaults first")
        return self._shown.settings_id

    def resetDefaults(self, call: Call) -> None:
        """Save default settings for the caller; where that is not allowed they are only used here."""
        info = self._pixels
        settings = initial_settings(self._store, info)
        if info.allows_settings(call):
            stored = kept_settings(call, kept_of(keep_settings(call, [(info, settings)]), info))
            self._shown = Shown(info, stored.settings, stored.id, stored.version)
        else:
            self._shown = Shown(info, settings)

    def isInProgress(self, call: Call) -> bool:
        """False: pyramids are made when needed, so every image can be shown at once."""
        del call
        return False

    @property
    def _pixels(self) -> PixelsInfo:
        if self._info is None:
            raise errors.api_usage("no pixels in use; call setPixelsId first")
        return self._info

    def _required(self) -> Shown:
        if self._shown is None:
            return Shown(self._pixels, initial_settings(self._store, self._pixels))
        return self._shown

    def _size(self, size_x: Any, size_y: Any) -> tuple[int, int]:
        return check_size(_number(size_x), _number(size_y))

    def _longest(self, size: Any) -> tuple[int, int]:
        return size_for(self._pixels.dimensions, _number(size))

    # One thumbnail

    def getThumbnail(self, call: Call, size_x: Any, size_y: Any) -> bytes:
        """A JPEG of this size, kept."""
        return self._gallery.one(call, self._required(), self._size(size_x, size_y))

    getThumbnailWithoutDefault = getThumbnail  # noqa: N815 - without a clock there is no default picture

    def getThumbnailByLongestSide(self, call: Call, size: Any) -> bytes:
        """A JPEG whose longer side has this size, kept."""
        return self._gallery.one(call, self._required(), self._longest(size))

    def getThumbnailDirect(self, call: Call, size_x: Any, size_y: Any) -> bytes:
        """A JPEG of this size; as in OMERO no Thumbnail row is made."""
        return self._direct(call, self._size(size_x, size_y))

    def getThumbnailByLongestSideDirect(self, call: Call, size: Any) -> bytes:
        """A JPEG whose longer side has this size; as in OMERO no Thumbnail row is made."""
        return self._direct(call, self._longest(size))

    def _direct(self, call: Call, size: tuple[int, int]) -> bytes:
        shown = self._required()
        return self._gallery.cache.get(shown.key(size)) or self._gallery.paint(call, shown, size)

    def getThumbnailForSectionDirect(self, call: Call, z: int, t: int, size_x: Any, size_y: Any) -> bytes:
        """A JPEG of one plane."""
        return self._gallery.paint(call, self._required(), self._size(size_x, size_y), z, t)

    def getThumbnailForSectionByLongestSideDirect(self, call: Call, z: int, t: int, size: Any) -> bytes:
        """A JPEG of one plane whose longer side has this size."""
        return self._gallery.paint(call, self._required(), self._longest(size), z, t)

    def createThumbnail(self, call: Call, size_x: Any, size_y: Any) -> None:
        """Make and keep a thumbnail."""
        self.getThumbnail(call, size_x, size_y)

    def createThumbnails(self, call: Call) -> None:
        """Make and keep the thumbnail of the usual size."""
        self._gallery.one(call, self._required(), size_for(self._pixels.dimensions, DEFAULT_SIZE))

    def thumbnailExists(self, call: Call, size_x: Any, size_y: Any) -> bool:
        """Whether the caller has a thumbnail of this size that shows the present settings."""
        size = self._size(size_x, size_y)
        with call.db.read() as connection:
            noted = has_thumbnail(connection, call.caller.user_id, self._pixels.id, size)
        return noted and self._gallery.cache.get(self._required().key(size)) is not None

    # Many

    def getThumbnailSet(
        self, call: Call, size_x: Any, size_y: Any, pixels_ids: Sequence[int]
    ) -> dict[int, bytes]:
        """JPEGs of this size by pixels id; without those that cannot be seen or read."""
        size = self._size(size_x, size_y)
        return self._gallery.pictures(call, self._gallery.shown(call, pixels_ids), lambda _: size)

    def getThumbnailByLongestSideSet(
        self, call: Call, size: Any, pixels_ids: Sequence[int]
    ) -> dict[int, bytes]:
        """JPEGs whose longer side has this size by pixels id; without those that cannot be seen or read."""
        longest = _number(size)
        shown = self._gallery.shown(call, pixels_ids)
        return self._gallery.pictures(call, shown, lambda dimensions: size_for(dimensions, longest))

    def createThumbnailsByLongestSideSet(self, call: Call, size: Any, pixels_ids: Sequence[int]) -> None:
        """Make and keep thumbnails of many images."""
        self.getThumbnailByLongestSideSet(call, size, pixels_ids)

    def close(self, call: Call) -> None:
        """Forget the pixels."""
        del call
        self._info = self._shown = None


def _number(value: Any) -> int:
    return DEFAULT_SIZE if value is None else int(value.getValue())
