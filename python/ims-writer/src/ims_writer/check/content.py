"""Pixels: each level against the one before it, each histogram against its level, a few chunks at a time."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ims_writer.attributes import read_text
from ims_writer.check.findings import Report
from ims_writer.check.structure import Layout
from ims_writer.check.values import reals
from ims_writer.container import channel_path
from ims_writer.geometry import Zyx
from ims_writer.histogram import COARSE_BINS, FINE_BINS
from ims_writer.layout import reduction
from ims_writer.shrink import shrink

_BLOCK_VOXELS = 4 * 1024 * 1024


def check_content(file: Any, report: Report, layout: Layout) -> None:
    """Read every pixel of every level once or twice and note what does not fit together."""
    volumes = itertools.product(range(len(layout.sizes)), range(layout.time_points), range(layout.channels))
    for level, t, c in volumes:
        group = file[channel_path(level, t, c)]
        try:
            _check_histogram(report, group, layout.sizes[level])
            if level:
                above = file[channel_path(level - 1, t, c)]["Data"]
                _check_level(report, above, group["Data"], layout.sizes[level - 1], layout.sizes[level])
        except OSError as error:
            report.add("IMS207", group.name, f"a chunk is damaged: {error}")


@dataclass(slots=True)
class _Tally:
    """Counts of one pass over a level, in the bins the file states."""

    low: float
    high: float
    bins: int
    counts: NDArray[np.int64] = field(init=False)
    outside: int = 0

    def __post_init__(self) -> None:
        self.counts = np.zeros(self.bins, np.int64)

    def add(self, voxels: NDArray[Any]) -> None:
        values = voxels.ravel().astype(np.float64)
        values = values[np.isfinite(values)]
        # Bounds are written with few decimals; half a bin of slack keeps rounding from counting as damage.
        slack = (self.high - self.low) / self.bins / 2
        self.outside += int(np.count_nonzero((values < self.low - slack) | (values > self.high + slack)))
        width = (self.high - self.low) or 1.0
        places = np.clip((values - self.low) * (self.bins / width), 0, self.bins - 1).astype(np.int64)
        self.counts += np.bincount(places, minlength=self.bins)


def _check_histogram(report: Report, group: Any, size: Zyx) -> None:
    data = group["Data"]
    stated = _stated_histogram(report, group, "", COARSE_BINS)
    if f"Histogram{FINE_BINS}" in group:
        fine = _stated_histogram(report, group, str(FINE_BINS), FINE_BINS)
        if fine is not None and stated is not None and int(fine[0].sum()) != int(stated[0].sum()):
            where = f"{group.name}/Histogram{FINE_BINS}"
            report.add(
                "IMS402", where, f"it counts {int(fine[0].sum())} voxels, Histogram {int(stated[0].sum())}"
            )
    _check_padding(report, data, size)
    if stated is None:
        return
    counts, low, high = stated
    tally = _Tally(low, high, len(counts))
    for start, extent in _blocks(size, Zyx(*data.chunks)):
        tally.add(data[start.slices(extent)])
    where = f"{group.name}/Histogram"
    total, expected = int(counts.sum()), int(tally.counts.sum())
    if total != expected:
        report.add("IMS402", where, f"it counts {total} voxels but the level has {expected}")
    elif tally.outside:
        report.add("IMS403", where, f"{tally.outside} voxels lie outside {low} to {high}")
    elif not _agree(counts, tally.counts):
        report.add("IMS404", where, "voxels are more than one bin away from where it counts them")


def _stated_histogram(
    report: Report, group: Any, suffix: str, most: int
) -> tuple[NDArray[np.int64], float, float] | None:
    """Counts and range as the file states them; notes a wrong form."""
    dataset = group.get(f"Histogram{suffix}")
    where = f"{group.name}/Histogram{suffix}"
    if not isinstance(dataset, h5py.Dataset):
        report.add("IMS003", where, "the histogram is missing")
        return None
    bins = dataset.shape[0] if dataset.ndim == 1 else 0
    right = bins == most if not suffix else 0 < bins <= most
    if dataset.dtype.kind not in "ui" or not right:
        wanted = f"{'up to ' if suffix else ''}{most}"
        report.add("IMS401", where, f"{dataset.dtype} {dataset.shape} instead of {wanted} whole numbers")
        return None
    ends = [reals(read_text(group, name)) for name in _range_names(suffix) if name in group.attrs]
    if len(ends) != 2 or any(len(end) != 1 for end in ends):
        return None
    low, high = ends[0][0], ends[1][0]
    if low > high:
        report.add("IMS403", where, f"its range {low} to {high} is reversed")
        return None
    return dataset[()].astype(np.int64), low, high


def _range_names(suffix: str) -> tuple[str, str]:
    return f"HistogramMin{suffix}", f"HistogramMax{suffix}"


def _agree(stated: NDArray[np.int64], found: NDArray[np.int64]) -> bool:
    """Whether moving voxels by at most one bin turns one histogram into the other.

    Writers disagree on which bin a value on an edge belongs to; this accepts all of them.
    """
    below = np.cumsum(stated)
    exact = np.cumsum(found)
    lower = np.concatenate(([0], exact[:-1]))
    upper = np.concatenate((exact[1:], exact[-1:]))
    return bool(np.all((below >= lower) & (below <= upper)))


def _check_padding(report: Report, data: Any, size: Zyx) -> None:
    for axis, (length, stored) in enumerate(zip(size, data.shape, strict=True)):
        if length == stored:
            continue
        rest = [slice(None)] * 3
        rest[axis] = slice(length, stored)
        extent = Zyx(*(stored - length if n == axis else full for n, full in enumerate(data.shape)))
        for start, part in _blocks(extent, Zyx(*data.chunks)):
            corner = Zyx(*(s + (length if n == axis else 0) for n, s in enumerate(start)))
            if data[corner.slices(part)].any():
                report.add("IMS208", data.name, f"voxels beyond {tuple(size)} (z, y, x) are not zero")
                return


def _check_level(report: Report, large: Any, small: Any, large_size: Zyx, small_size: Zyx) -> None:
    """Compare a level with the mean of the one before it; stops at the first block that differs."""
    step = reduction(large_size, small_size)
    picked = True
    # A size rounded up has a last voxel without a full box below it.
    comparable = small_size.smaller(large_size.floor_div(step))
    for start, extent in _blocks(comparable, Zyx(*small.chunks)):
        shown = small[start.slices(extent)]
        source = np.ascontiguousarray(large[start.times(step).slices(extent.times(step))])
        source = source.astype(source.dtype.newbyteorder("="), copy=False)
        if _alike(shown, shrink(source, step)):
            picked = picked and _same(shown, source[:: step.z, :: step.y, :: step.x])
            continue
        if picked and _same(shown, source[:: step.z, :: step.y, :: step.x]):
            report.add(
                "IMS302", small.name, "it takes every second voxel; thin structures flicker when zooming"
            )
            return
        worst = float(np.nanmax(np.abs(shown.astype(np.float64) - shrink(source, step))))
        message = (
            f"near z, y, x = {tuple(start)} it differs from the mean of the level before by up to {worst:g}"
        )
        report.add("IMS301", small.name, message)
        return


def _alike(shown: NDArray[Any], mean: NDArray[Any]) -> bool:
    """Equal to one grey value (rounding up, down or to nearest), or to float32's precision."""
    if shown.dtype.kind == "f":
        return bool(np.allclose(shown, mean, rtol=1e-5, atol=1e-30, equal_nan=True))
    precision = 1 + (mean.astype(np.float64) * 2.0**-22 if shown.itemsize == 4 else 0)
    return bool(np.all(np.abs(shown.astype(np.int64) - mean.astype(np.int64)) <= precision))


def _same(shown: NDArray[Any], sampled: NDArray[Any]) -> bool:
    return bool(np.array_equal(shown, sampled, equal_nan=shown.dtype.kind == "f"))


def _blocks(size: Zyx, chunk: Zyx) -> Iterator[tuple[Zyx, Zyx]]:
    """Boxes of whole chunks, about 4 million voxels each, that cover `size`."""
    shape = list(chunk)
    for axis in (2, 1, 0):
        room = _BLOCK_VOXELS // (shape[0] * shape[1] * shape[2])
        shape[axis] *= max(1, min(room, -(-size[axis] // shape[axis])))
    starts = itertools.product(*(range(0, length, part) for length, part in zip(size, shape, strict=True)))
    for start in starts:
        corner = Zyx(*start)
        yield corner, size.minus(corner).smaller(Zyx(*shape))
