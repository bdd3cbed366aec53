"""The settings an image starts with: OMERO's defaults, with windows from the data where no statistics are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omero_embedded.pixels.settings import RenderSettings, default_settings
from omero_embedded.pixels.source import read_plane
from omero_embedded.pixels.stats import extremes

if TYPE_CHECKING:
    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.store import PixelStore


def initial_settings(store: PixelStore, info: PixelsInfo) -> RenderSettings:
    """Defaults; without statistics the middle plane gives the windows, except for big images and missing data."""
    settings = default_settings(info)
    known = all(channel.extremes is not None for channel in info.channels)
    if known or store.is_big(info.dimensions) or not store.exists(info.id):
        return settings
    source = store.open(info.id, info.dimensions, info.type)
    z, t = (info.dimensions.z - 1) // 2, (info.dimensions.t - 1) // 2
    channels = list(settings.channels)
    for c, channel in enumerate(info.channels):
        if channel.extremes is None:
            found = extremes(read_plane(source, z, c, t))
            if found is not None and found[0] < found[1]:
                channels[c] = replace(channels[c], start=found[0], end=found[1])
    return replace(settings, channels=tuple(channels))
