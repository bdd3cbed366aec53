"""What a pixel data file must offer to be read, rendered and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from omero_embedded.pixels.types import Dimensions, PixelType, Plane, Region

if TYPE_CHECKING:
    from collections.abc import Sequence


class PixelSource(Protocol):
    """Pixel data of one image, plane by plane, at one or more resolutions.

    Implementations must allow `read` from several threads at once.
    """

    @property
    def dimensions(self) -> Dimensions:
        """Sizes at full resolution."""

    @property
    def type(self) -> PixelType:
        """The type of the values."""

    @property
    def levels(self) -> Sequence[tuple[int, int]]:
        """Width and height at each resolution, the full one first."""

    @property
    def tile_size(self) -> tuple[int, int]:
        """Width and height of the pieces that are cheap to read."""

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        """The region of a plane as an array [y, x] in either byte order; it lies within the level's size."""

    def close(self) -> None:
        """Give up files."""


def whole(source: PixelSource, level: int = 0) -> Region:
    """The rectangle of a whole plane at a resolution."""
    width, height = source.levels[level]
    return Region(0, 0, width, height)


def read_plane(source: PixelSource, z: int, c: int, t: int, level: int = 0) -> Plane:
    """A whole plane [y, x]; PixelsError if there is none at these indices."""
    source.dimensions.check_plane(z, c, t)
    return source.read(z, c, t, whole(source, level), level)


def read_region(source: PixelSource, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
    """A rectangle of a plane [y, x]; PixelsError if it is out of bounds."""
    source.dimensions.check_plane(z, c, t)
    region.check_inside(*source.levels[level])
    return source.read(z, c, t, region, level)
