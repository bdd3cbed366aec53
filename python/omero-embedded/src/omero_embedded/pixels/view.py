"""An image as a client looks at it: which one, at which resolution, with which settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.pixels.initial import initial_settings
from omero_embedded.pixels.keep import keep_settings, kept_of, kept_settings
from omero_embedded.pixels.settings import fitted
from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.settings import ChannelSettings, RenderSettings
    from omero_embedded.pixels.settings_rows import StoredSettings
    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.pixels.store import PixelStore
    from omero_embedded.security.context import Call

UNSAVED = -1


class View:
    """Begins without an image, and with each image without settings; changes stay here until they are kept."""

    def __init__(self, store: PixelStore) -> None:
        self.store = store
        self.level = 0
        self._info: PixelsInfo | None = None
        self._stored: StoredSettings | None = None
        self._now: RenderSettings | None = None

    @property
    def pixels(self) -> PixelsInfo:
        """The pixels; ApiUsageException before there are some."""
        if self._info is None:
            raise errors.api_usage("no pixels; call lookupPixels first")
        return self._info

    @property
    def stored_id(self) -> int:
        """The id of the settings as they were read or kept last, UNSAVED if nobody saved them."""
        return UNSAVED if self._stored is None else self._stored.id

    def settings(self) -> RenderSettings:
        """The settings; ApiUsageException before there are some."""
        if self._now is None:
            raise errors.api_usage(
                "no settings; call lookupRenderingDef, loadRenderingDef or resetDefaultSettings first"
            )
        return self._now

    def shows(self, pixels_id: int) -> bool:
        """Whether these are the pixels."""
        return self._info is not None and self._info.id == pixels_id

    def look_at(self, info: PixelsInfo) -> None:
        """Take these pixels, in full resolution and without settings."""
        self.forget()
        self._info = info
        self.level = 0

    def forget(self) -> None:
        """Give up pixels and settings."""
        self._info = self._stored = self._now = None

    def source(self) -> PixelSource:
        """Where the values of the pixels are."""
        return self.store.open(self.pixels.id, self.pixels.dimensions, self.pixels.type)

    def channel(self, w: int) -> ChannelSettings:
        """The settings of a channel; PixelsError if there is no such channel."""
        channels = self.settings().channels
        if not 0 <= w < len(channels):
            raise PixelsError(f"channel {w} is out of bounds: there are {len(channels)} channels")
        return channels[w]

    def use(self, stored: StoredSettings) -> None:
        """Take these settings, as far as they fit the image."""
        self._stored, self._now = stored, fitted(stored.settings, self.pixels)

    def use_initial(self) -> None:
        """Take the settings that an image starts with."""
        self._now = initial_settings(self.store, self.pixels)

    def show(self, settings: RenderSettings) -> None:
        """Take these settings without keeping them."""
        self._now = settings

    def change(self, **values: Any) -> None:
        """Change settings of the image."""
        self._now = replace(self.settings(), **values)

    def change_channel(self, w: int, **values: Any) -> None:
        """Change settings of a channel."""
        changed = replace(self.channel(w), **values)
        channels = self.settings().channels
        self.change(channels=(*channels[:w], changed, *channels[w + 1 :]))

    def keep(self, call: Call, *, anew: bool) -> int:
        """Save the settings as the caller's own, or as new ones; their id."""
        kept = kept_of(keep_settings(call, [(self.pixels, self.settings())], anew=anew), self.pixels)
        self.use(kept_settings(call, kept))
        return kept
