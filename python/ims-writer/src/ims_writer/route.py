"""In which order the full resolution is read, so that few chunks of the smaller levels are open at a time."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ims_writer.geometry import Zyx
from ims_writer.layout import Level


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the full resolution: where it starts and how large it is, both in voxels."""

    start: Zyx
    size: Zyx


def reading_order(levels: Sequence[Level], itemsize: int, read_bytes: int) -> Iterator[Box]:
    """Boxes that cover a volume once, each the footprint of a chunk of some level within `read_bytes`.

    The order is depth first: everything below one chunk of the smallest level is read before the next begins.
    A box is at least one full-resolution chunk, however small `read_bytes` is.
    """
    spans = _footprints(levels)
    size = levels[0].size
    reading = 0
    while reading + 1 < len(levels) and spans[reading + 1].smaller(size).product * itemsize <= read_bytes:
        reading += 1
    top = len(levels) - 1
    for place in _grid(size.ceil_div(spans[top])):
        yield from _descend(place.times(spans[top]), top, reading, spans, size)


def chunks_in(box: Box, chunk: Zyx) -> Iterator[Zyx]:
    """Grid positions of the full-resolution chunks in a box that `reading_order` gave."""
    first = box.start.floor_div(chunk)
    for step in _grid(box.size.ceil_div(chunk)):
        yield Zyx(first.z + step.z, first.y + step.y, first.x + step.x)


def _descend(start: Zyx, number: int, reading: int, spans: Sequence[Zyx], size: Zyx) -> Iterator[Box]:
    extent = size.minus(start).smaller(spans[number])
    if min(extent) <= 0:
        return
    if number == reading:
        yield Box(start, extent)
        return
    below = spans[number - 1]
    for step in _grid(extent.ceil_div(below)):
        corner = Zyx(*(a + b * c for a, b, c in zip(start, step, below, strict=True)))
        yield from _descend(corner, number - 1, reading, spans, size)


def _footprints(levels: Sequence[Level]) -> list[Zyx]:
    """What one chunk of each level covers at full resolution."""
    scale = Zyx(1, 1, 1)
    spans = []
    for level in levels:
        scale = scale.times(level.step)
        spans.append(level.chunk.times(scale))
    return spans


def _grid(size: Zyx) -> Iterator[Zyx]:
    return (Zyx(*place) for place in itertools.product(*(range(n) for n in size)))
