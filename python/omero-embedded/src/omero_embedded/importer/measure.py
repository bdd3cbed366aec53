"""Smallest and largest value of each channel, and the digest of all values, in one pass over the data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_embedded.pixels.source import read_plane
from omero_embedded.pixels.stats import big_endian_bytes, extremes

if TYPE_CHECKING:
    from omero_embedded.pixels.source import PixelSource

# Larger planes are measured on the smallest resolution of at least this many pixels, and get no digest.
LARGE_PLANE = 3192 * 3192
_ENOUGH = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """Extremes by channel; the digest is None where reading all values would take too long."""

    extremes: tuple[tuple[float, float], ...]
    sha1: str | None


def measure(source: PixelSource) -> Measured:
    """Read all planes once, or for images of large planes a smaller copy."""
    size = source.dimensions
    large = size.x * size.y > LARGE_PLANE
    level = _level(source) if large else 0
    found: list[list[tuple[float, float]]] = [[] for _ in range(size.c)]
    sha1 = hashlib.sha1(usedforsecurity=False)
    for t in range(size.t):
        for c in range(size.c):
            for z in range(size.z):
                plane = read_plane(source, z, c, t, level)
                pair = extremes(plane)
                if pair is not None:
                    found[c].append(pair)
                if not large:
                    sha1.update(big_endian_bytes(source, plane))
    pairs = tuple(_range(pairs) for pairs in found)
    return Measured(pairs, None if large else sha1.hexdigest())


def _level(source: PixelSource) -> int:
    """The smallest resolution that still shows what is there."""
    enough = [level for level, (width, height) in enumerate(source.levels) if width * height >= _ENOUGH]
    return enough[-1] if enough else 0


def _range(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    if not pairs:
        return 0.0, 0.0
    return min(low for low, _ in pairs), max(high for _, high in pairs)
