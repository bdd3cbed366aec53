"""Levels and chunks follow the vendor's rules."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ims_writer.geometry import Zyx
from ims_writer.layout import TARGET_BYTES, plan_levels, pyramid_sizes
from ims_writer.route import chunks_in, reading_order

LENGTHS = st.one_of(st.integers(1, 40), st.integers(1, 5000))


@pytest.mark.parametrize(
    ("size", "itemsize", "sizes"),
    [
        ((1, 1, 1), 2, [(1, 1, 1)]),
        ((1, 1024, 512), 2, [(1, 1024, 512)]),
        ((1, 1024, 513), 2, [(1, 1024, 513), (1, 512, 256)]),
        ((100, 100, 100), 1, [(100, 100, 100)]),
        ((40, 700, 900), 2, [(40, 700, 900), (40, 350, 450), (20, 175, 225), (10, 87, 112)]),
        ((5, 2000, 2000), 1, [(5, 2000, 2000), (5, 1000, 1000), (5, 500, 500), (5, 250, 250)]),
        ((3, 3, 2_000_000), 1, [(3, 3, 2_000_000 // 2**n) for n in range(6)]),
    ],
)
def test_levels_of_known_images(size: Zyx, itemsize: int, sizes: list[Zyx]) -> None:
    assert pyramid_sizes(Zyx(*size), itemsize)[: len(sizes)] == sizes
    assert math.prod(pyramid_sizes(Zyx(*size), itemsize)[-1]) * itemsize <= TARGET_BYTES


@pytest.mark.parametrize(
    ("size", "time_points", "itemsize", "chunk"),
    [
        ((1, 1, 1), 1, 2, (1, 1, 1)),
        ((1, 5, 5), 1, 1, (1, 8, 8)),
        ((5, 20, 20), 1, 2, (8, 32, 32)),
        ((40, 700, 900), 1, 2, (8, 256, 256)),
        ((1, 40_000, 50_000), 1, 1, (1, 1024, 1024)),
        ((1, 40_000, 50_000), 1, 2, (1, 512, 1024)),
        ((600, 4096, 4096), 1, 2, (32, 128, 128)),
    ],
)
def test_chunks_of_known_images(size: Zyx, time_points: int, itemsize: int, chunk: Zyx) -> None:
    found = plan_levels(Zyx(*size), time_points, itemsize)[0].chunk
    assert found in {chunk, (chunk[0], chunk[2], chunk[1])}


@settings(deadline=None, max_examples=150)
@given(z=LENGTHS, y=LENGTHS, x=LENGTHS, t=st.integers(1, 50), itemsize=st.sampled_from([1, 2, 4]))
def test_chunks_are_powers_of_two_that_nest_and_hold_at_most_a_mebibyte(
    z: int, y: int, x: int, t: int, itemsize: int
) -> None:
    levels = plan_levels(Zyx(z, y, x), t, itemsize)
    for before, level in zip((None, *levels), levels, strict=False):
        assert all(axis & (axis - 1) == 0 for axis in level.chunk)
        assert level.chunk.product * itemsize <= TARGET_BYTES
        if before is not None:
            assert all(
                (up * step) % down == 0
                for up, step, down in zip(level.chunk, level.step, before.chunk, strict=True)
            )


@settings(deadline=None, max_examples=60)
@given(
    z=st.integers(1, 70),
    y=st.integers(1, 900),
    x=st.integers(1, 900),
    read_bytes=st.sampled_from([1, 2**20, 2**23, 2**26]),
)
def test_reading_covers_every_chunk_once_within_the_limit(z: int, y: int, x: int, read_bytes: int) -> None:
    levels = plan_levels(Zyx(z, y, x), 1, 2)
    first = levels[0]
    seen = []
    for box in reading_order(levels, 2, read_bytes):
        assert box.size.product * 2 <= max(read_bytes, first.chunk.product * 2)
        seen.extend(chunks_in(box, first.chunk))
    assert len(seen) == len(set(seen)) == first.grid.product
    assert all(place < end for chunk in seen for place, end in zip(chunk, first.grid, strict=True))
