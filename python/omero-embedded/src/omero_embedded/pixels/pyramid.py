"""Smaller copies of big planes, computed when first looked at and kept on disk."""

from __future__ import annotations

import itertools
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels.types import Dimensions, PixelType, Plane, Region

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omero_embedded.pixels.source import PixelSource

TILE = 512
# The smallest level still fills a thumbnail panel; OMERO's pyramids stop there too.
SMALLEST = 256
_STRIP_ROWS = 512
_unique = itertools.count()


def level_sizes(width: int, height: int) -> tuple[tuple[int, int], ...]:
    """Sizes from full resolution down, halved each time until the longest side is at most 256 pixels."""
    sizes = [(width, height)]
    while max(sizes[-1]) > SMALLEST:
        width, height = sizes[-1]
        sizes.append(((width + 1) // 2, (height + 1) // 2))
    return tuple(sizes)


def halve(plane: Plane) -> Plane:
    """Half the size (rounded up): the mean of each 2 x 2 block, of what there is of it at odd edges."""
    height, width = plane.shape
    padded = (
        np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge") if height % 2 or width % 2 else plane
    )
    wide: type[np.generic] = np.int32 if plane.dtype.itemsize <= 2 else np.int64
    if plane.dtype.kind == "f":
        wide = np.float64
    corners = [padded[row::2, column::2].astype(wide) for row in (0, 1) for column in (0, 1)]
    total = corners[0] + corners[1] + corners[2] + corners[3]
    return (total / 4 if plane.dtype.kind == "f" else total // 4).astype(plane.dtype)


@dataclass(slots=True)
class Pyramid:
    """A `PixelSource` that adds the smaller levels that the source lacks; `folder` keeps them.

    A level of a plane is one .npy file, written aside and moved there: a crash leaves nothing half-made.
    """

    source: PixelSource
    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def dimensions(self) -> Dimensions:
        """Sizes at full resolution."""
        return self.source.dimensions

    @property
    def type(self) -> PixelType:
        """The type of the values."""
        return self.source.type

    @property
    def levels(self) -> Sequence[tuple[int, int]]:
        """Width and height at each resolution, the full one first."""
        return level_sizes(self.dimensions.x, self.dimensions.y)

    @property
    def tile_size(self) -> tuple[int, int]:
        """512 pixels square."""
        return TILE, TILE

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        """The region at a level, computed on first use."""
        if level == 0:
            return self.source.read(z, c, t, region, 0)
        plane = self._level(z, c, t, level)
        return plane[region.y : region.y + region.height, region.x : region.x + region.width]

    def _level(self, z: int, c: int, t: int, level: int) -> Plane:
        path = self._path(z, c, t, level)
        if not path.exists():
            with self._lock:
                if not path.exists():
                    self._build(z, c, t)
        plane: Plane = np.load(path, mmap_mode="r")
        return plane

    def _path(self, z: int, c: int, t: int, level: int) -> Path:
        return self.folder / f"z{z}_c{c}_t{t}_level{level}.npy"

    def _build(self, z: int, c: int, t: int) -> None:
        """Make all levels of one plane; the full plane is read in strips, never as a whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        width, height = self.levels[0]
        strips = []
        for y in range(0, height, _STRIP_ROWS):
            rows = min(_STRIP_ROWS, height - y)
            strips.append(halve(self.source.read(z, c, t, Region(0, y, width, rows), 0)))
        plane = np.concatenate(strips)
        for level in range(1, len(self.levels)):
            if level > 1:
                plane = halve(plane)
            path = self._path(z, c, t, level)
            fresh = path.with_suffix(f".{os.getpid()}.{next(_unique)}.part")
            with fresh.open("wb") as file:
                np.save(file, plane)
            fresh.replace(path)

    def forget(self) -> None:
        """Drop the kept levels, because the full resolution changed."""
        for path in self.folder.glob("*.npy"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give up the source's files."""
        self.source.close()
