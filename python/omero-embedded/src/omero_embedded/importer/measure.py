"""Smallest and largest value of each channel, and the digest of all values, in one pass over the data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_embedded.pixels.source import read_plane
from omero_embedded.pixels.stats import big_endian_bytes, extremes

if TYPE_CHECKING:
    from omero_embedded.pixels.source import PixelSource

# Larger planes are not read: their channels get the limits of the pixel type, and no digest.
LARGE_PLANE = 3192 * 3192
# What Bio-Formats takes for the limits of types that have none, and of those with 32 bits.
_LIMITS = (float(-(2**31)), float(2**31 - 1))


@dataclass(frozen=True, slots=True)
class Measured:
    """Extremes by channel; the digest is None where reading all values would take too long."""

    extremes: tuple[tuple[float, float], ...]
    sha1: str | None


def measure(source: PixelSource) -> Measured:
    """Read all planes once; nothing is read of images with large planes, as OMERO does not while it imports."""
    size = source.dimensions
    if size.x * size.y > LARGE_PLANE:
        limits = _LIMITS if source.type.floating else source.type.range()
        return Measured((limits,) * size.c, None)
    found: list[list[tuple[float, float]]] = [[] for _ in range(size.c)]
    sha1 = hashlib.sha1(usedforsecurity=False)
    for t in range(size.t):
        for c in range(size.c):
            for z in range(size.z):
                plane = read_plane(source, z, c, t)
                pair = extremes(plane)
                if pair is not None:
                    found[c].append(pair)
                sha1.update(big_endian_bytes(source, plane))
    return Measured(tuple(_range(pairs) for pairs in found), sha1.hexdigest())


def _range(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    if not pairs:
        return 0.0, 0.0
    return min(low for low, _ in pairs), max(high for _, high in pairs)
