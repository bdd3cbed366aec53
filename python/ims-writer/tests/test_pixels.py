"""Means, histograms and conversions are exact."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ims_writer.geometry import Zyx
from ims_writer.histogram import FINE_BINS, count, counter_for
from ims_writer.pixels import converted, lossless_pixel_type, stored_type
from ims_writer.shrink import shrink

STEPS = st.builds(Zyx, st.integers(1, 2), st.integers(1, 2), st.integers(1, 2))
FLOATS = st.floats(width=32, allow_nan=True, allow_infinity=True)


@settings(deadline=None)
@given(step=STEPS, dtype=st.sampled_from(["u1", "u2", "u4"]), seed=st.integers(0, 99))
def test_means_of_integers_round_down_without_overflow(step: Zyx, dtype: str, seed: int) -> None:
    top = np.iinfo(dtype).max
    block = np.random.default_rng(seed).integers(top - 3, top, (4, 6, 8), dtype=dtype, endpoint=True)
    boxes = block.reshape(4 // step.z, step.z, 6 // step.y, step.y, 8 // step.x, step.x).astype(object)
    expected = boxes.sum(axis=(1, 3, 5)) // step.product
    assert shrink(block, step).tolist() == expected.tolist()


def test_means_of_huge_floats_stay_finite() -> None:
    block = np.full((2, 2, 2), np.finfo("f4").max, "f4")
    assert shrink(block, Zyx(2, 2, 2)) == np.finfo("f4").max


@settings(deadline=None)
@given(hnp.arrays("u2", st.integers(1, 300)), hnp.arrays("u2", st.integers(1, 300)))
def test_a_histogram_of_16_bit_counts_every_value(first: np.ndarray, second: np.ndarray) -> None:
    counter = counter_for(np.dtype("u2"))
    for part in (first, second):
        counter.add(count(part))
    histogram = counter.histogram()
    both = np.concatenate((first, second))
    assert histogram.low == 0
    assert histogram.high == max(256, both.max())
    assert np.array_equal(histogram.counts, np.bincount(both, minlength=257))
    assert histogram.with_bins(256).counts.sum() == both.size


@settings(deadline=None)
@given(hnp.arrays("u1", st.integers(1, 301)), st.integers(0, 20))
def test_a_histogram_of_bytes_leaves_padding_out(block: np.ndarray, padding: int) -> None:
    padded = np.concatenate((block, np.zeros(padding, "u1")))
    counter = counter_for(np.dtype("u1"))
    counter.add(count(padded, padding))
    assert np.array_equal(counter.histogram().counts, np.bincount(block, minlength=256))


@settings(deadline=None, max_examples=200)
@given(
    st.one_of(
        st.lists(hnp.arrays("f4", st.integers(1, 50), elements=FLOATS), min_size=1, max_size=4),
        st.lists(hnp.arrays("u4", st.integers(1, 50)), min_size=1, max_size=4),
    )
)
def test_a_histogram_of_32_bits_does_not_depend_on_the_order_of_blocks(blocks: list[np.ndarray]) -> None:
    dtype = blocks[0].dtype
    forward, backward = counter_for(dtype), counter_for(dtype)
    for block in blocks:
        forward.add(count(block))
    for block in reversed(blocks):
        backward.add(count(block))
    one, other = forward.histogram(), backward.histogram()
    assert (one.low, one.high, one.counts.tolist()) == (other.low, other.high, other.counts.tolist())
    values = np.concatenate(blocks).astype(np.float64)
    values = values[np.isfinite(values)]
    assert one.counts.sum() == values.size
    assert 256 <= len(one.counts) <= FINE_BINS
    if values.size:
        width = (one.high - one.low + (dtype.kind == "u")) / len(one.counts)
        assert math.frexp(width)[0] == 0.5
        assert one.low <= values.min()
        assert values.max() <= one.high
        places = np.floor(values / width) - one.low / width
        found = np.bincount(places.astype(int), minlength=len(one.counts))
        assert np.array_equal(found, one.counts)


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [
        *(("u1", "uint8"), ("bool", "uint8"), ("u2", "uint16"), ("u4", "uint32")),
        *((kind, "float32") for kind in ("f4", "f2", "i1", "i2")),
        *((kind, None) for kind in ("i4", "f8", "u8", "c8")),
    ],
)
def test_the_type_that_keeps_every_value_is_known(dtype: str, kept: str | None) -> None:
    assert lossless_pixel_type(np.dtype(dtype)) == kept
    if kept is not None:
        assert stored_type(np.dtype(dtype), kept) == np.dtype(kept)


def test_fractions_round_and_values_in_range_are_kept() -> None:
    block = np.array([[[0.4, 0.6, 254.5]]])
    assert converted(block, np.dtype("u1"), "here").tolist() == [[[0, 1, 254]]]
    signed = np.array([[[-3, 7]]], "i2")
    assert converted(signed, np.dtype("f4"), "here").tolist() == [[[-3, 7]]]
