"""Rendering: a plane, region or projection of an image with settings, as three 8-bit bands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels import compose
from omero_embedded.pixels.luts import find_table
from omero_embedded.pixels.project import project
from omero_embedded.pixels.quantize import quantizer
from omero_embedded.pixels.settings import GREYSCALE, RenderSettings, type_window
from omero_embedded.pixels.source import read_plane, read_region, whole
from omero_embedded.pixels.types import PixelsError, Region

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.settings import ChannelSettings
    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.pixels.types import Plane

Bands = list["NDArray[np.uint8]"]
XY, ZY, XZ = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Section:
    """Which pixels to render: an XY plane (or a region of it, at a resolution), or a cut along another axis.

    `x` is the position of a ZY cut, `y` that of an XZ cut; `level` 0 is the full resolution; of every `step` pixels
    in both directions one is shown.
    """

    z: int
    t: int
    slice: int = XY
    x: int = 0
    y: int = 0
    region: Region | None = None
    level: int = 0
    step: int = 1


@dataclass(frozen=True, slots=True)
class Renderer:
    """An image with the settings to show it; `uploaded` finds .lut files that users brought."""

    source: PixelSource
    info: PixelsInfo
    settings: RenderSettings
    uploaded: Callable[[str], bytes | None]

    def render(self, section: Section) -> Bands:
        """Red, green and blue [y, x] of a section."""
        read = _reader(self.source, section)
        return self._shown(read if section.step == 1 else lambda c: read(c)[:: section.step, :: section.step])

    def render_projected(self, algorithm: int, t: int, stepping: int, start: int, end: int) -> Bands:
        """Red, green and blue [y, x] of a projection along Z."""
        return self._shown(lambda c: project(self.source, c, t, algorithm, stepping, start, end))

    def show(self, planes: dict[int, Plane], shape: tuple[int, int]) -> Bands:
        """Red, green and blue [y, x] of values at hand, by channel."""
        active = [c for c in self.settings.active() if c in planes]
        levels = [self._quantizer(c)(planes[c]) for c in active]
        if self.settings.model == GREYSCALE:
            return compose.grey(levels[0] if levels else None, shape)
        return compose.blend(levels, [self._table(c) for c in active], shape)

    def _shown(self, read: Callable[[int], Plane]) -> Bands:
        planes = {c: read(c) for c in self.settings.active()}
        shape = next(iter(planes.values())).shape if planes else read(0).shape
        return self.show(planes, (shape[0], shape[1]))

    def _quantizer(self, c: int) -> Callable[[Plane], NDArray[np.uint8]]:
        channel = clipped(self.settings.channels[c], self.info)
        extremes = self.info.channels[c].extremes if c < len(self.info.channels) else None
        return quantizer(
            self.info.type, channel, self.settings.bit_resolution, self.settings.codomain, extremes
        )

    def _table(self, c: int) -> NDArray[np.uint8]:
        channel = self.settings.channels[c]
        lookup = find_table(channel.lookup_table, self.uploaded) if channel.lookup_table else None
        return compose.color_table(channel.color, lookup)


def clipped(channel: ChannelSettings, info: PixelsInfo) -> ChannelSettings:
    """The channel with its window cut to the pixel type's range, as OMERO renders it."""
    low, high = type_window(info.type, info.significant_bits)
    start, end = min(max(channel.start, low), high), max(min(channel.end, high), low)
    if (start, end) == (channel.start, channel.end):
        return channel
    return replace(channel, start=start, end=end)


def _reader(source: PixelSource, section: Section) -> Callable[[int], Plane]:
    z, t, level = section.z, section.t, section.level
    if section.slice == XY:
        region = section.region or whole(source, level)
        return lambda c: read_region(source, z, c, t, region, level)
    size = source.dimensions
    if section.slice == XZ:
        row = Region(0, section.y, size.x, 1)
        return lambda c: np.concatenate([read_region(source, at, c, t, row) for at in range(size.z)])
    if section.slice == ZY:
        column = Region(section.x, 0, 1, size.y)
        return lambda c: np.concatenate(
            [read_region(source, at, c, t, column) for at in range(size.z)], axis=1
        )
    raise PixelsError(f"unknown slice {section.slice}; 0 is XY, 1 ZY, 2 XZ")


def read_active(
    source: PixelSource, settings: RenderSettings, z: int, t: int, level: int
) -> dict[int, Plane]:
    """Whole planes of the shown channels at a resolution."""
    return {c: read_plane(source, z, c, t, level) for c in settings.active()}


def level_for(levels: Sequence[tuple[int, int]], width: int, height: int) -> int:
    """The smallest resolution that is at least this large, else the full one."""
    fitting = [index for index, size in enumerate(levels) if size[0] >= width and size[1] >= height]
    return fitting[-1] if fitting else 0
