"""Projections of a stack along Z."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels.source import read_plane
from omero_embedded.pixels.stats import native
from omero_embedded.pixels.types import PixelsError, PixelType, Plane

if TYPE_CHECKING:
    from omero_embedded.pixels.source import PixelSource

MAXIMUM, MEAN, SUM = 0, 1, 2
METHODOLOGY = {
    MAXIMUM: "MAXIMUM_INTENSITY_PROJECTION",
    MEAN: "MEAN_INTENSITY_PROJECTION",
    SUM: "SUM_INTENSITY_PROJECTION",
}


def check_projection(algorithm: int, stepping: int, start: int, end: int, size_z: int) -> None:
    """PixelsError for a projection that is not possible."""
    if algorithm not in METHODOLOGY:
        raise PixelsError(f"unknown projection {algorithm}; 0 is maximum, 1 mean, 2 sum")
    if stepping < 1:
        raise PixelsError(f"the stepping of a projection must be at least 1, not {stepping}")
    if not 0 <= start <= end < size_z:
        raise PixelsError(f"Z {start} to {end} cannot be projected: the image has Z 0 to {size_z - 1}")


def project(
    source: PixelSource,
    c: int,
    t: int,
    algorithm: int,
    stepping: int,
    start: int,
    end: int,
    into: PixelType | None = None,
) -> Plane:
    """Every `stepping`-th plane from `start` to `end`, both included, as one plane of the type `into`.

    Means and sums are cut to the type's range and, for whole numbers, to whole numbers. (OMERO.server leaves the last
    plane out of means and sums, against its own documentation; here all three take it in.)
    """
    check_projection(algorithm, stepping, start, end, source.dimensions.z)
    kind = into or source.type
    indices = range(start, end + 1, stepping)
    first = native(read_plane(source, indices[0], c, t))
    if algorithm == MAXIMUM:
        result = first.copy()
        for z in indices[1:]:
            np.maximum(result, native(read_plane(source, z, c, t)), out=result)
        return _fitted(result, kind)
    total = first.astype(np.float64)
    for z in indices[1:]:
        total += native(read_plane(source, z, c, t))
    return _fitted(total / len(indices) if algorithm == MEAN else total, kind)


def _fitted(values: Plane, kind: PixelType) -> Plane:
    if values.dtype == kind.dtype:
        return values
    low, high = kind.range()
    fitted: Plane = np.clip(values, low, high).astype(kind.dtype)
    return fitted
