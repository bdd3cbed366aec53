from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from omero_embedded.pixels.stats import extremes, histogram
from omero_embedded.pixels.types import PixelsError

PLANES = st.sampled_from(["u1", ">u2", ">i2", ">i4", ">f4", ">f8"]).flatmap(
    lambda dtype: hnp.arrays(
        dtype,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=12),
        elements={"allow_nan": False, "min_value": -(2**20), "max_value": 2**20} if "f" in dtype else None,
    )
)


@given(plane=PLANES, bins=st.integers(1, 300))
@settings(max_examples=100, deadline=None)
def test_a_histogram_counts_every_value_of_its_range_once(plane: np.ndarray, bins: int) -> None:
    low, high = extremes(plane) or (0.0, 0.0)
    counts = histogram(plane, bins, low, high)
    assert len(counts) == bins
    assert counts.sum() == plane.size


def test_a_histogram_is_the_one_of_numpy() -> None:
    plane = np.random.default_rng(4).integers(0, 4000, (50, 60)).astype(">u2")
    np.testing.assert_array_equal(histogram(plane, 256, 100, 3000), np.histogram(plane, 256, (100, 3000))[0])


def test_a_constant_plane_counts_into_the_first_bin() -> None:
    np.testing.assert_array_equal(histogram(np.full((4, 5), 7, ">i2"), 3, 7, 7), [20, 0, 0])


def test_extremes_leave_out_what_is_not_finite() -> None:
    assert extremes(np.array([[np.nan, -2.5, np.inf, 8]], ">f4")) == (-2.5, 8.0)
    assert extremes(np.array([[np.nan]], ">f4")) is None


def test_a_histogram_without_bins_is_refused() -> None:
    with pytest.raises(PixelsError, match="a histogram has between 1 and"):
        histogram(np.zeros((2, 2)), 0, 0, 1)
