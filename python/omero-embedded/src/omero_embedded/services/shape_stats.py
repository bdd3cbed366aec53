"""Pixel values in the shapes of ROIs, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all

from omero_embedded import errors
from omero_embedded.pixels.source import read_plane
from omero_embedded.services.shape_geometry import shape_pixels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.source import PixelSource

_MEASURES = ("pointsCount", "min", "max", "sum", "mean", "stdDev")


@dataclass(slots=True)
class Tally:
    """Count, extremes, sum and sum of squared deviations of the values seen so far."""

    count: int = 0
    low: float = 0.0
    high: float = 0.0
    total: float = 0.0
    deviations: float = 0.0

    def add(self, values: npt.NDArray[np.float64]) -> None:
        """Count these values in, too."""
        if values.size:
            mean = float(values.mean())
            deviations = float(np.square(values - mean).sum())
            self.merge(
                Tally(
                    int(values.size),
                    float(values.min()),
                    float(values.max()),
                    float(values.sum()),
                    deviations,
                )
            )

    def merge(self, other: Tally) -> None:
        """Count in what another tally counted (Chan's formula for the deviations)."""
        if not other.count:
            return
        if not self.count:
            self.low, self.high = other.low, other.high
        else:
            apart = other.mean - self.mean
            self.deviations += apart * apart * self.count * other.count / (self.count + other.count)
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.deviations += other.deviations
        self.total += other.total
        self.count += other.count

    @property
    def mean(self) -> float:
        """0 where nothing was counted."""
        return self.total / self.count if self.count else 0.0

    @property
    def spread(self) -> float:
        """The standard deviation of a sample."""
        return float(np.sqrt(self.deviations / (self.count - 1))) if self.count > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """The tallies of one shape by channel number."""

    shape_id: int
    channels: dict[int, Tally]


def measure(
    source: PixelSource, shape: Any, planes: Iterable[tuple[int, int]], channels: Sequence[int]
) -> Measured:
    """Tally the shape's pixels over all of these (z, t); what lies outside of the image does not count."""
    size = source.dimensions
    inside = shape_pixels(shape, size.x, size.y)
    measured = Measured(shape.id.val, {channel: Tally() for channel in channels})
    for z, t in planes:
        for channel, tally in measured.channels.items():
            tally.add(read_plane(source, z, channel, t)[inside].astype(np.float64))
    return measured


def planes_of(shape: Any, info: PixelsInfo) -> list[tuple[int, int]]:
    """The (z, t) of a shape: those of all planes where it names none."""
    size = info.dimensions
    depths = range(size.z) if shape.theZ is None else (shape.theZ.val,)
    times = range(size.t) if shape.theT is None else (shape.theT.val,)
    return list(product(depths, times))


def channels_of(shape: Any, info: PixelsInfo) -> list[int]:
    """The channels of a shape: all where it names none."""
    return list(range(info.dimensions.c)) if shape.theC is None else [shape.theC.val]


def combined(shapes: Iterable[Measured]) -> Measured:
    """All shapes of a ROI together; a pixel that is in two of them counts twice."""
    found: dict[int, Tally] = {}
    for one in shapes:
        for channel, tally in one.channels.items():
            found.setdefault(channel, Tally()).merge(tally)
    return Measured(-1, dict(sorted(found.items())))


def stats_object(measured: Measured, channel_ids: Sequence[int]) -> Any:
    """The omero.api.ShapeStats; `channel_ids` are what the channels are called in it, in their order."""
    made = omero.api.ShapeStats(measured.shape_id, list(channel_ids))
    tallies = measured.channels.values()
    columns = zip(*((t.count, t.low, t.high, t.total, t.mean, t.spread) for t in tallies), strict=True)
    for name, values in zip(_MEASURES, columns, strict=False):
        setattr(made, name, list(values))
    return made


def check_restriction(info: PixelsInfo, z: int, t: int, channels: Iterable[int]) -> None:
    """Raise ApiUsageException unless the plane and the channels are those of the image."""
    size = info.dimensions
    if not (0 <= z < size.z and 0 <= t < size.t):
        raise errors.api_usage(
            f"there is no plane z={z}, t={t} for shapes without one: the image has {size.z} z and {size.t} t"
        )
    wrong = [channel for channel in channels if not 0 <= channel < size.c]
    if wrong:
        raise errors.api_usage(f"there is no channel {wrong[0]}: the image has {size.c}")
