from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omero_embedded.pixels.hypercube import hypercube
from omero_embedded.pixels.types import Dimensions, PixelsError

if TYPE_CHECKING:
    from omero_embedded.pixels.types import Plane, Region

SIZE = Dimensions(x=7, y=5, z=4, c=3, t=2)
VALUES = np.arange(7 * 5 * 4 * 3 * 2).reshape(2, 3, 4, 5, 7)


class Counting:
    """An image in which every value is its own number in the order x, y, z, c, t."""

    dimensions = SIZE
    levels = ((SIZE.x, SIZE.y),)

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        del level
        return VALUES[t, c, z][region.y : region.y + region.height, region.x : region.x + region.width]


@given(data=st.data())
def test_a_block_is_what_numpy_cuts_out_with_the_same_steps(data: st.DataObject) -> None:
    limits = (7, 5, 4, 3, 2)
    offset = [data.draw(st.integers(0, limit - 1)) for limit in limits]
    size = [data.draw(st.integers(1, limit - start)) for limit, start in zip(limits, offset, strict=True)]
    step = [data.draw(st.integers(1, 4)) for _ in limits]
    block = hypercube(SIZE, offset, size, step)
    cuts = [slice(o, o + n, by) for o, n, by in zip(offset, size, step, strict=True)]
    expected = VALUES[tuple(reversed(cuts))]
    assert block.count == expected.size
    planes = list(block.planes(Counting()))  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.concatenate([plane.ravel() for plane in planes]), expected.ravel())


def test_a_block_that_reaches_over_an_edge_names_the_axis() -> None:
    with pytest.raises(PixelsError, match="Z 3 to 5 step 1 is out of bounds: 0 to 4"):
        hypercube(SIZE, [0, 0, 3, 0, 0], [1, 1, 2, 1, 1], [1] * 5)


@given(z=st.integers(0, 3), c=st.integers(0, 2), t=st.integers(0, 1))
def test_the_number_of_a_plane_leads_back_to_it(z: int, c: int, t: int) -> None:
    assert SIZE.plane_at(SIZE.plane_number(z, c, t)) == (z, c, t)
