"""Exact histograms gathered block by block, whatever the order of the blocks.

8 and 16-bit images count every value, as ImarisWriter does. 32-bit integers and floats use at most 1024
bins whose width is a power of two and whose edges are multiples of it: when the range grows the width doubles
and pairs of bins merge without error, so the result depends on the pixels alone.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

FINE_BINS = 1024
COARSE_BINS = 256


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in equal bins from `low` to `high`: for integers both are values, for floats the outer edges."""

    low: float
    high: float
    counts: Counts

    def with_bins(self, bins: int) -> "Histogram":
        """Merge neighbouring bins: old bin i goes to new bin i * bins // old."""
        old = len(self.counts)
        if old == bins:
            return self
        target = np.arange(old) * bins // old
        merged = np.bincount(target, weights=self.counts.astype(np.float64), minlength=bins)
        return Histogram(self.low, self.high, merged.astype(np.int64))

    def percentile(self, fraction: float) -> float:
        """The value below which `fraction` of the voxels lie, to the width of a bin."""
        total = int(self.counts.sum())
        if total == 0:
            return self.low
        place = int(np.searchsorted(np.cumsum(self.counts), fraction * total))
        return self.low + (self.high - self.low) * min(place, len(self.counts) - 1) / max(
            1, len(self.counts) - 1
        )


class Counter(Protocol):
    """Counts voxels; one per level of a volume, guarded by the caller when threads share it."""

    def add(self, other: "Counter") -> None:
        """Merge another counter of the same kind."""

    def histogram(self) -> Histogram:
        """The histogram of everything counted, with as many bins as the data needs (256 or more)."""


def counter_for(dtype: np.dtype[Any]) -> Counter:
    """An empty counter for pixels of `dtype`."""
    if dtype.itemsize <= 2:
        return DenseCounter(dtype.itemsize, np.zeros(0, np.int64))
    return ScaledCounter(is_integer=dtype.kind == "u")


def count(block: NDArray[Any], padding: int = 0) -> Counter:
    """Count the voxels of a contiguous native block, leaving out `padding` zeros."""
    if block.itemsize == 1:
        pairs = block.size % 2 == 0
        counts = _count_bytes(block.ravel()) if pairs else np.bincount(block.ravel(), minlength=256)
        counts[0] -= padding
        return DenseCounter(1, counts)
    if block.itemsize == 2:
        counts = np.bincount(block.ravel())
        counts[0] -= padding
        return DenseCounter(2, counts)
    return ScaledCounter.of(block)


def _count_bytes(values: NDArray[np.uint8]) -> Counts:
    """Count pairs of bytes as 16-bit words: half the work of counting bytes."""
    table = np.bincount(values.view(np.uint16), minlength=65536).reshape(256, 256)
    total: Counts = table.sum(axis=0) + table.sum(axis=1)
    return total


class DenseCounter:
    """One bin for every value of an 8 or 16-bit image."""

    def __init__(self, itemsize: int, counts: Counts) -> None:
        self.itemsize = itemsize
        self.counts = counts

    def add(self, other: "Counter") -> None:
        """Merge another dense counter."""
        assert isinstance(other, DenseCounter)
        if len(other.counts) > len(self.counts):
            self.counts = np.pad(self.counts, (0, len(other.counts) - len(self.counts)))
        self.counts[: len(other.counts)] += other.counts

    def histogram(self) -> Histogram:
        """8 bits: 0 to 255. 16 bits: 0 to the highest value present, at least to 256 like ImarisWriter."""
        used = np.flatnonzero(self.counts)
        last = int(used[-1]) if len(used) else 0
        bins = 256 if self.itemsize == 1 else max(last + 1, 257)
        counts = np.zeros(bins, np.int64)
        counts[: min(bins, len(self.counts))] = self.counts[:bins]
        return Histogram(0.0, float(bins - 1), counts)


class ScaledCounter:
    """At most 1024 bins of width 2**exponent; bin i counts values v with floor(v / width) == first + i."""

    def __init__(self, *, is_integer: bool) -> None:
        self.is_integer = is_integer
        self.low = math.inf
        self.high = -math.inf
        self.exponent = 0
        self.first = 0
        self.counts: Counts = np.zeros(0, np.int64)

    @classmethod
    def of(cls, block: NDArray[Any]) -> "ScaledCounter":
        """Count one block; values that are not finite are left out."""
        self = cls(is_integer=block.dtype.kind == "u")
        values = block.ravel()
        if not values.size:
            return self
        low, high = float(values.min()), float(values.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            values = values[np.isfinite(values)]
            if not values.size:
                return self
            low, high = float(values.min()), float(values.max())
        self.low, self.high = low, high
        self.exponent = self._needed_exponent()
        self.first = _floor_scaled(low, self.exponent)
        if self.is_integer:
            places = (values >> np.uint32(self.exponent)).astype(np.int64)
        else:
            places = np.floor(np.ldexp(values.astype(np.float64), -self.exponent)).astype(np.int64)
        places -= self.first
        self.counts = np.bincount(places)
        return self

    def add(self, other: "Counter") -> None:
        """Merge another scaled counter, widening the bins when the joint range needs it."""
        assert isinstance(other, ScaledCounter)
        if not len(other.counts):
            return
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        exponent = self._needed_exponent()
        first = _floor_scaled(self.low, exponent)
        counts = np.zeros(_floor_scaled(self.high, exponent) - first + 1, np.int64)
        for part in (self, other):
            if len(part.counts):
                shift = exponent - part.exponent
                places = ((part.first + np.arange(len(part.counts))) >> shift) - first
                np.add.at(counts, places, part.counts)
        self.exponent, self.first, self.counts = exponent, first, counts

    def histogram(self) -> Histogram:
        """The bins between the lowest and highest value, padded above to 256."""
        if not len(self.counts):
            return Histogram(0.0, 255.0, np.zeros(COARSE_BINS, np.int64))
        counts = np.pad(self.counts, (0, max(0, COARSE_BINS - len(self.counts))))
        width = math.ldexp(1.0, self.exponent)
        low = self.first * width
        high = low + len(counts) * width
        return Histogram(low, high - 1 if self.is_integer else high, counts)

    def _needed_exponent(self) -> int:
        """The smallest bin width that covers low..high in 1024 bins and that float32 can resolve."""
        largest = max(abs(self.low), abs(self.high))
        exponent = 0 if self.is_integer else max(math.frexp(largest)[1] - 24, -149)
        spread = self.high - self.low
        if spread > 0:
            exponent = max(exponent, math.frexp(spread / FINE_BINS)[1] - 2)
        while _floor_scaled(self.high, exponent) - _floor_scaled(self.low, exponent) >= FINE_BINS:
            exponent += 1
        return exponent


def _floor_scaled(value: float, exponent: int) -> int:
    return math.floor(math.ldexp(value, -exponent))
