"""Raw pixel files: big-endian, x fastest, then y, z, c, t; the order in which values travel."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels.types import Dimensions, PixelsError, PixelType, Plane, Region

if TYPE_CHECKING:
    from pathlib import Path

TILE = 256
# Regions narrower than their image are read in one piece when that is not much more than the region.
_ONE_READ = 1 << 18


def byte_size(dimensions: Dimensions, kind: PixelType) -> int:
    """Bytes of all values."""
    return dimensions.x * dimensions.y * dimensions.z * dimensions.c * dimensions.t * kind.byte_width


def allocate(path: Path, dimensions: Dimensions, kind: PixelType) -> None:
    """Create the file filled with zeros (sparse where possible), or leave an existing one as it is.

    Raises PixelsError when the existing file has another size, OSError when the disk has no room for a new one.
    """
    size = byte_size(dimensions, kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(path.parent).free
    if size > free and not path.exists():
        raise OSError(errno.ENOSPC, f"the pixels need {size} bytes, {free} are free", str(path))
    try:
        with path.open("xb") as file:
            os.truncate(file.fileno(), size)
    except FileExistsError:
        found = path.stat().st_size
        if found != size:
            raise PixelsError(f"{path} has {found} bytes where the image needs {size}") from None


@dataclass(frozen=True, slots=True)
class RawFile:
    """A raw pixel file; a `PixelSource` that can also be written.

    It is not mapped into memory: a full disk is then an error and not a bus fault, and the process stays small.
    """

    path: Path
    dimensions: Dimensions
    type: PixelType

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """One level: the file holds no smaller copies."""
        return ((self.dimensions.x, self.dimensions.y),)

    @property
    def tile_size(self) -> tuple[int, int]:
        """256 pixels square, or less for a smaller image."""
        return min(TILE, self.dimensions.x), min(TILE, self.dimensions.y)

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        """The values of a region, big-endian."""
        if level:
            raise PixelsError(f"a raw file has one resolution, there is no level {level}")
        width = self.type.byte_width
        stride = self.dimensions.x * width
        first = self._offset(z, c, t, region)
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            if region.height == 1 or region.height * stride <= max(
                _ONE_READ, 4 * region.width * region.height * width
            ):
                length = (region.height - 1) * stride + region.width * width
                # The last row ends with the region; the rest of it is filled up to make rows equally long.
                data = _read_exactly(descriptor, length, first).ljust(region.height * stride, b"\0")
                rows = np.frombuffer(data, self.type.big_endian).reshape(region.height, self.dimensions.x)
                return rows[:, : region.width]
            parts = [
                _read_exactly(descriptor, region.width * width, first + row * stride)
                for row in range(region.height)
            ]
        finally:
            os.close(descriptor)
        return np.frombuffer(b"".join(parts), self.type.big_endian).reshape(region.height, region.width)

    def _offset(self, z: int, c: int, t: int, region: Region) -> int:
        size = self.dimensions
        plane = size.plane_number(z, c, t)
        return ((plane * size.y + region.y) * size.x + region.x) * self.type.byte_width

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
        offset = self._offset(z, c, t, region)
        if region.width == self.dimensions.x:
            self.write_at(offset, values)
            return
        view = memoryview(values)
        stride = self.dimensions.x * self.type.byte_width
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
        """Nothing is kept open."""


def _read_exactly(descriptor: int, length: int, offset: int) -> bytes:
    """The bytes at an offset; PixelsError where the file ends before."""
    data = os.pread(descriptor, length, offset)
    while len(data) < length:
        more = os.pread(descriptor, length - len(data), offset + len(data))
        if not more:
            size = os.fstat(descriptor).st_size
            raise PixelsError(f"a raw pixel file ends at byte {size}, {offset + length} were expected")
        data += more
    return data
