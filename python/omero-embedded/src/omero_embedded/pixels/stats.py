"""Numbers about pixel values: extremes, histograms, digests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels.source import strips
from omero_embedded.pixels.types import PixelsError, Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omero_embedded.pixels.source import PixelSource

MAX_BINS = 1 << 16


def native(plane: Plane) -> Plane:
    """The plane in this machine's byte order, copied only if it is in the other one."""
    return plane.astype(plane.dtype.newbyteorder("="), copy=False)


def extremes(plane: Plane) -> tuple[float, float] | None:
    """Smallest and largest finite value, None if there is none."""
    values = native(plane)
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
        if values.size == 0:
            return None
    return float(values.min()), float(values.max())


def channel_extremes(source: PixelSource) -> list[tuple[float, float]]:
    """Smallest and largest value of each channel over all its planes; (0, 0) where nothing is finite."""
    size = source.dimensions
    result = []
    for c in range(size.c):
        pieces = (piece for t in range(size.t) for z in range(size.z) for piece in strips(source, z, c, t))
        pairs = [pair for piece in pieces if (pair := extremes(piece)) is not None] or [(0.0, 0.0)]
        result.append((min(low for low, _ in pairs), max(high for _, high in pairs)))
    return result


def digest(source: PixelSource) -> str:
    """SHA-1 (hexadecimal) of all values, big-endian, in the order x, y, z, c, t."""
    sha1 = hashlib.sha1(usedforsecurity=False)
    for t in range(source.dimensions.t):
        for c in range(source.dimensions.c):
            for z in range(source.dimensions.z):
                for piece in strips(source, z, c, t):
                    sha1.update(big_endian_bytes(source, piece))
    return sha1.hexdigest()


def big_endian_bytes(source: PixelSource, plane: Plane) -> bytes:
    """The values as they travel."""
    return plane.astype(source.type.big_endian, copy=False).tobytes()


def histogram(plane: Plane, bins: int, low: float, high: float) -> NDArray[np.int32]:
    """Counts of the values from `low` to `high` in equal bins; values outside (and NaN) are left out.

    As in OMERO, the last bin includes `high`, and a range of no width counts into the first bin.
    """
    if not 1 <= bins <= MAX_BINS:
        raise PixelsError(f"a histogram has between 1 and {MAX_BINS} bins, not {bins}")
    values = native(plane).ravel()
    if high <= low:
        counts = np.zeros(bins, np.int32)
        counts[0] = int(np.count_nonzero(values == low))
        return counts
    return np.histogram(values, bins, (low, high))[0].astype(np.int32)
