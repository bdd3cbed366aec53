"""Pixel data that numpy can index: whole planes from an array with named axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from omero_embedded.importer.readers.base import ReadError
from omero_embedded.pixels.types import PIXEL_TYPES, Dimensions, PixelType, Plane, Region

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BY_DTYPE = {kind.dtype: kind for name, kind in PIXEL_TYPES.items() if name != "bit"}
_WIDENED = {"bool": "uint8", "float16": "float32"}


def pixel_type_of(dtype: np.dtype[Any]) -> PixelType:
    """OMERO's pixel type for values of a dtype. Raises ReadError for types that OMERO does not have."""
    native = np.dtype(_WIDENED.get(dtype.name, dtype.name)) if dtype.kind != "V" else dtype
    if native not in _BY_DTYPE:
        raise ReadError(f"pixels of type {dtype.name} cannot be stored; OMERO has {', '.join(PIXEL_TYPES)}")
    return _BY_DTYPE[native]


@dataclass(frozen=True, slots=True)
class Axes:
    """Which axis of an array is which; `samples` are colours of one pixel and count as channels."""

    names: str
    shape: tuple[int, ...]

    def size(self, name: str) -> int:
        """The length of an axis, 1 if it is not there."""
        return self.shape[self.names.index(name)] if name in self.names else 1

    @property
    def dimensions(self) -> Dimensions:
        """As OMERO counts."""
        channels = self.size("C") * self.size("S")
        return Dimensions(self.size("X"), self.size("Y"), self.size("Z"), channels, self.size("T"))

    def index(self, z: int, c: int, t: int, rows: slice, columns: slice) -> tuple[int | slice, ...]:
        """What to take from the array for (a piece of) a plane."""
        channel, sample = divmod(c, self.size("S"))
        where: dict[str, int | slice] = {"Z": z, "C": channel, "S": sample, "T": t, "Y": rows, "X": columns}
        return tuple(where.get(name, 0) for name in self.names)


@dataclass(slots=True)
class ArraySource:
    """A `PixelSource` over one array per resolution; all have the same axes."""

    arrays: Sequence[Any]
    axes: Axes
    type: PixelType
    on_close: Callable[[], None]
    chunk: tuple[int, int] = (512, 512)

    @property
    def dimensions(self) -> Dimensions:
        """Sizes at full resolution."""
        return self.axes.dimensions

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """Width and height at each resolution."""
        y, x = self.axes.names.index("Y"), self.axes.names.index("X")
        return tuple((int(array.shape[x]), int(array.shape[y])) for array in self.arrays)

    @property
    def tile_size(self) -> tuple[int, int]:
        """Width and height of a chunk, within the image."""
        return min(self.chunk[0], self.dimensions.x), min(self.chunk[1], self.dimensions.y)

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        """Part of a plane."""
        rows = slice(region.y, region.y + region.height)
        columns = slice(region.x, region.x + region.width)
        array = self.arrays[level]
        axes = Axes(self.axes.names, tuple(array.shape))
        return as_type(np.asarray(array[axes.index(z, c, t, rows, columns)]), self.type)

    def close(self) -> None:
        """Give up files."""
        self.on_close()


def as_type(plane: Plane, kind: PixelType) -> Plane:
    """The plane with values of the pixel type; only widened where OMERO lacks the file's type."""
    return plane if plane.dtype.newbyteorder("=") == kind.dtype else plane.astype(kind.dtype)
