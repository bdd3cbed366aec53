"""What a pixel data file must offer to be read, rendered and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from omero_embedded.pixels.types import Dimensions, PixelType, Plane, Region

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STRIP_BYTES = 1 << 24


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


def strips(source: PixelSource, z: int, c: int, t: int) -> Iterator[Plane]:
    """A whole plane from top to bottom, in pieces of full width that are small in memory."""
    size = source.dimensions
    size.check_plane(z, c, t)
    rows = max(1, _STRIP_BYTES // (size.x * source.type.byte_width))
    for y in range(0, size.y, rows):
        yield source.read(z, c, t, Region(0, y, size.x, min(rows, size.y - y)), 0)


def read_plane(source: PixelSource, z: int, c: int, t: int, level: int = 0) -> Plane:
    """A whole plane [y, x]; PixelsError if there is none at these indices."""
    source.dimensions.check_plane(z, c, t)
    return source.read(z, c, t, whole(source, level), level)


def read_region(source: PixelSource, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
    """A rectangle of a plane [y, x]; PixelsError if it is out of bounds."""
    source.dimensions.check_plane(z, c, t)
    region.check_inside(*source.levels[level])
    return source.read(z, c, t, region, level)
