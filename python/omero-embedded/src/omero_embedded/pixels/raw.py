"""Raw pixel files: big-endian, x fastest, then y, z, c, t; the order in which values travel."""

from __future__ import annotations

import mmap
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels.types import Dimensions, PixelsError, PixelType, Plane, Region

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TILE = 256


def byte_size(dimensions: Dimensions, kind: PixelType) -> int:
    """Bytes of all values."""
    return dimensions.x * dimensions.y * dimensions.z * dimensions.c * dimensions.t * kind.byte_width


def allocate(path: Path, dimensions: Dimensions, kind: PixelType) -> None:
    """Create the file filled with zeros (sparse where possible), or leave an existing one as it is.

    Raises PixelsError when the existing file has another size.
    """
    size = byte_size(dimensions, kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            os.truncate(file.fileno(), size)
    except FileExistsError:
        found = path.stat().st_size
        if found != size:
            raise PixelsError(f"{path} has {found} bytes where the image needs {size}") from None


@dataclass(slots=True)
class RawFile:
    """A raw pixel file; a `PixelSource` that can also be written.

    It is read through a memory map and written with pwrite: a full disk is then an error, not a bus fault.
    """

    path: Path
    dimensions: Dimensions
    type: PixelType
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _array: NDArray[np.generic] | None = None

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """One level: the file holds no smaller copies."""
        return ((self.dimensions.x, self.dimensions.y),)

    @property
    def tile_size(self) -> tuple[int, int]:
        """256 pixels square, or less for a smaller image."""
        return min(TILE, self.dimensions.x), min(TILE, self.dimensions.y)

    @property
    def array(self) -> NDArray[np.generic]:
        """The values [t, c, z, y, x], big-endian, read-only, backed by the file."""
        with self._lock:
            if self._array is None:
                with self.path.open("rb") as file:
                    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                size = self.dimensions
                shape = (size.t, size.c, size.z, size.y, size.x)
                self._array = np.frombuffer(mapped, self.type.big_endian).reshape(shape)
            return self._array

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        """A view of the file's memory, big-endian."""
        if level:
            raise PixelsError(f"a raw file has one resolution, there is no level {level}")
        rows = slice(region.y, region.y + region.height)
        return self.array[t, c, z, rows, region.x : region.x + region.width]

    def write(self, z: int, c: int, t: int, region: Region, values: bytes) -> None:
        """Store big-endian values of a rectangle, row by row; PixelsError if their number does not fit."""
        self.dimensions.check_plane(z, c, t)
        region.check_inside(self.dimensions.x, self.dimensions.y)
        row_bytes = region.width * self.type.byte_width
        if len(values) != region.height * row_bytes:
            raise PixelsError(
                f"{len(values)} bytes do not fill {region.width} x {region.height} pixels of "
                f"{self.type.name}: {region.height * row_bytes} are needed"
            )
        size = self.dimensions
        plane = (t * size.c + c) * size.z + z
        offset = ((plane * size.y + region.y) * size.x + region.x) * self.type.byte_width
        if region.width == size.x:
            self.write_at(offset, values)
            return
        view = memoryview(values)
        stride = size.x * self.type.byte_width
        for row in range(region.height):
            self.write_at(offset + row * stride, view[row * row_bytes : (row + 1) * row_bytes])

    def write_at(self, offset: int, values: bytes | memoryview) -> None:
        """Store big-endian values at a byte offset; PixelsError beyond the end."""
        total = byte_size(self.dimensions, self.type)
        if offset < 0 or offset + len(values) > total:
            raise PixelsError(
                f"{len(values)} bytes at {offset} are out of bounds: the image has {total} bytes"
            )
        descriptor = os.open(self.path, os.O_WRONLY)
        try:
            view = memoryview(values)
            while view:
                written = os.pwrite(descriptor, view, offset)
                offset, view = offset + written, view[written:]
        finally:
            os.close(descriptor)

    def flush(self) -> None:
        """Hand everything written to the disk."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())

    def close(self) -> None:
        """Forget the mapping; memory is unmapped when the last view of it is gone."""
        with self._lock:
            self._array = None
