"""Five-dimensional blocks of an image, with steps along each axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_embedded.pixels.source import read_region
from omero_embedded.pixels.types import PixelsError, Region

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.pixels.types import Dimensions, Plane


@dataclass(frozen=True, slots=True)
class Hypercube:
    """The places along each axis whose values are in the block."""

    x: range
    y: range
    z: range
    c: range
    t: range

    @property
    def count(self) -> int:
        """Number of values."""
        return math.prod(len(axis) for axis in (self.x, self.y, self.z, self.c, self.t))

    def planes(self, source: PixelSource) -> Iterator[Plane]:
        """The planes [y, x] of the block in the order z, c, t."""
        x, y = self.x, self.y
        region = Region(x.start, y.start, x.stop - x.start, y.stop - y.start)
        for t in self.t:
            for c in self.c:
                for z in self.z:
                    yield read_region(source, z, c, t, region)[:: y.step, :: x.step]


def hypercube(
    within: Dimensions, offset: Sequence[int], size: Sequence[int], step: Sequence[int]
) -> Hypercube:
    """The block that begins at `offset`, each list in the order x, y, z, c, t; PixelsError if it is out of bounds."""
    limits = (within.x, within.y, within.z, within.c, within.t)
    for name, values in (("offset", offset), ("size", size), ("step", step)):
        if len(values) != len(limits):
            raise PixelsError(f"{name} of a hypercube needs 5 numbers (x, y, z, c, t), not {len(values)}")
    for axis, start, length, stride, limit in zip("XYZCT", offset, size, step, limits, strict=True):
        if start < 0 or length < 1 or stride < 1 or start + length > limit:
            raise PixelsError(
                f"{axis} {start} to {start + length} step {stride} is out of bounds: 0 to {limit}"
            )
    return Hypercube(
        *(
            range(start, start + length, stride)
            for start, length, stride in zip(offset, size, step, strict=True)
        )
    )
