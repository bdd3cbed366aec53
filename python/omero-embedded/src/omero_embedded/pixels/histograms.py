"""How often which values are in a plane, and what the smallest and largest ones are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded.pixels import stats
from omero_embedded.pixels.source import read_plane
from omero_embedded.pixels.types import PixelsError, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.pixels.types import Plane

DEFAULT_BINS = 256


def histograms(
    source: PixelSource,
    info: PixelsInfo,
    channels: Sequence[int],
    plane: Any,
    *,
    bin_count: int,
    global_range: bool,
    max_plane: tuple[int, int],
) -> dict[int, list[int]]:
    """Counts by channel in the region of an omero.romio.PlaneDef, over the channel's range or the plane's own.

    The largest resolution is counted whose planes are not above `max_plane`; the region is in its pixels. Without a plane
    it is the first one as a whole, and DEFAULT_BINS stand in for a bin count below 1.
    """
    level = _countable_level(source, max_plane)
    z, t = (max(plane.z, 0), max(plane.t, 0)) if plane is not None else (0, 0)
    region = _region(plane, *source.levels[level])
    bins = bin_count if bin_count > 0 else DEFAULT_BINS
    result = {}
    for c in channels:
        values = read_plane(source, z, c, t, level)
        low, high = _range(info, c, values, global_range=global_range)
        part = values[region.y : region.y + region.height, region.x : region.x + region.width]
        result[c] = stats.histogram(part, bins, low, high).tolist()
    return result


def middle_extremes(source: PixelSource, channels: Sequence[int]) -> dict[int, list[float]]:
    """Smallest and largest value of each channel in the middle plane."""
    size = source.dimensions
    z, t = (size.z - 1) // 2, (size.t - 1) // 2
    return {c: list(_extremes(read_plane(source, z, c, t))) for c in channels}


def _extremes(values: Plane) -> tuple[float, float]:
    return stats.extremes(values) or (0.0, 0.0)


def _range(info: PixelsInfo, c: int, values: Plane, *, global_range: bool) -> tuple[float, float]:
    known = info.channels[c].extremes if c < len(info.channels) else None
    # As in OMERO a maximum of 1 means that nobody computed the channel's range.
    if global_range and known is not None and known[1] != 1.0:
        return known
    return _extremes(values)


def _countable_level(source: PixelSource, max_plane: tuple[int, int]) -> int:
    for level, (width, height) in enumerate(source.levels):
        if width <= max_plane[0] and height <= max_plane[1]:
            return level
    raise PixelsError("all resolutions are larger than one plane may be")


def _region(plane: Any, width: int, height: int) -> Region:
    wanted = plane.region if plane is not None else None
    if wanted is None:
        return Region(0, 0, width, height)
    x, y = max(wanted.x, 0), max(wanted.y, 0)
    region = Region(
        x,
        y,
        wanted.width if wanted.width > 0 else width - x,
        wanted.height if wanted.height > 0 else height - y,
    )
    region.check_inside(width, height)
    return region
