"""One channel at one time point on its way into the file: chunks in, all resolution levels out.

A chunk of a level is the mean of a few chunks of the level before, because chunk sizes are powers of two that
nest. Each chunk therefore adds its shrunken self to the chunk above it; whoever adds the last part goes on to
store that one too. Memory holds only chunks whose parts are still arriving.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ims_writer.compression import Compressor, Payload
from ims_writer.geometry import Zyx
from ims_writer.histogram import Counter, Histogram, count, counter_for
from ims_writer.layout import Level
from ims_writer.shrink import shrink

Store = Callable[[int, Zyx, Payload], None]
"""Takes level, offset in voxels and the bytes of one chunk."""


@dataclass(slots=True)
class _Growing:
    voxels: NDArray[Any]
    missing: int


class EmptyChunks:
    """The bytes of an all-zero chunk of every level, compressed once and shared by all volumes of a file."""

    def __init__(self, levels: Sequence[Level], dtype: np.dtype[Any], squeeze: Compressor) -> None:
        self._chunks = [level.chunk for level in levels]
        self._dtype = dtype
        self._squeeze = squeeze
        self._made: dict[int, Payload] = {}

    def __getitem__(self, level: int) -> Payload:
        if level not in self._made:
            self._made[level] = self._squeeze.compress(np.zeros(self._chunks[level], self._dtype))
        return self._made[level]


class Volume:
    """Collects the chunks of one volume; `add` is safe to call from several threads."""

    def __init__(
        self,
        levels: Sequence[Level],
        dtype: np.dtype[Any],
        squeeze: Compressor,
        empty: EmptyChunks,
        store: Store,
    ) -> None:
        self._levels = levels
        self._squeeze = squeeze
        self._empty = empty
        self._store = store
        self._lock = threading.Lock()
        self._growing: dict[tuple[int, Zyx], _Growing] = {}
        self._counters: list[Counter] = [counter_for(dtype) for _ in levels]
        self._left = sum(level.grid.product for level in levels)

    @property
    def complete(self) -> bool:
        """Whether every chunk of every level is stored."""
        with self._lock:
            return self._left == 0

    def histograms(self) -> list[Histogram]:
        """One histogram per level of a complete volume."""
        return [counter.histogram() for counter in self._counters]

    @property
    def counter(self) -> Counter:
        """The counter of the full resolution."""
        return self._counters[0]

    def add(self, place: Zyx, voxels: NDArray[Any]) -> None:
        """Store the full-resolution chunk at grid position `place`, and chunks above it that are now whole.

        `voxels` has the size of a chunk, is contiguous and zero beyond the edge of the image.
        """
        number = 0
        while True:
            above = self._finish(number, place, voxels)
            if above is None:
                return
            number, place, voxels = number + 1, *above

    def _finish(self, number: int, place: Zyx, voxels: NDArray[Any]) -> tuple[Zyx, NDArray[Any]] | None:
        level = self._levels[number]
        start = place.times(level.chunk)
        inside = level.size.minus(start).smaller(level.chunk)
        above = self._contribute(number, start, inside, voxels)
        counted, blank = self._count(voxels, inside)
        payload = self._empty[number] if blank else self._squeeze.compress(voxels)
        self._store(number, start, payload)
        with self._lock:
            self._counters[number].add(counted)
            self._left -= 1
        return above

    @staticmethod
    def _count(voxels: NDArray[Any], inside: Zyx) -> tuple[Counter, bool]:
        if voxels.itemsize <= 2:
            counted = count(voxels, padding=voxels.size - inside.product)
        else:
            counted = count(voxels[Zyx(0, 0, 0).slices(inside)])
        return counted, not voxels.any()

    def _contribute(
        self, number: int, start: Zyx, inside: Zyx, voxels: NDArray[Any]
    ) -> tuple[Zyx, NDArray[Any]] | None:
        """Add the shrunken chunk to the one above; returns that one when it has all its parts."""
        if number + 1 == len(self._levels):
            return None
        upper = self._levels[number + 1]
        corner = start.floor_div(upper.step)
        # An odd last voxel has no partner and no place in the level above.
        part = upper.size.minus(corner).smaller(inside.floor_div(upper.step))
        if min(part) <= 0:
            return None
        place = corner.floor_div(upper.chunk)
        offset = corner.minus(place.times(upper.chunk))
        small = shrink(voxels, upper.step)[Zyx(0, 0, 0).slices(part)]
        with self._lock:
            growing = self._growing.get((number + 1, place))
            if growing is None:
                parts = self._parts(number + 1, place)
                growing = _Growing(np.zeros(upper.chunk, voxels.dtype), parts)
                self._growing[number + 1, place] = growing
        growing.voxels[offset.slices(part)] = small
        with self._lock:
            growing.missing -= 1
            if growing.missing:
                return None
            del self._growing[number + 1, place]
        return place, growing.voxels

    def _parts(self, number: int, place: Zyx) -> int:
        """How many chunks of the level below have voxels in the chunk at `place`."""
        upper, lower = self._levels[number], self._levels[number - 1]
        start = place.times(upper.chunk)
        inside = upper.size.minus(start).smaller(upper.chunk)
        return inside.times(upper.step).ceil_div(lower.chunk).product
