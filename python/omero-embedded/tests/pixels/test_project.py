from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from omero_embedded.pixels.project import MAXIMUM, MEAN, SUM, project
from omero_embedded.pixels.raw import RawFile, allocate
from omero_embedded.pixels.types import Dimensions, PixelsError, pixel_type

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

STACK = np.random.default_rng(6).integers(-100, 100, (6, 4, 5)).astype(np.int8)


@pytest.fixture
def source(tmp_path: Path) -> RawFile:
    size, kind = Dimensions(5, 4, 6, 1, 1), pixel_type("int8")
    allocate(tmp_path / "stack", size, kind)
    file = RawFile(tmp_path / "stack", size, kind)
    file.write_at(0, STACK.tobytes())
    return file


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (MAXIMUM, STACK[1:6:2].max(axis=0)),
        (MEAN, np.trunc(STACK[1:6:2].mean(axis=0))),
        (SUM, np.clip(STACK[1:6:2].sum(axis=0, dtype=int), -128, 127)),
    ],
)
def test_projections_take_every_nth_plane_of_the_interval(
    source: RawFile, algorithm: int, expected: NDArray[np.generic]
) -> None:
    np.testing.assert_array_equal(project(source, 0, 0, algorithm, 2, 1, 5), expected)


def test_sums_fit_into_a_wider_type(source: RawFile) -> None:
    found = project(source, 0, 0, SUM, 1, 0, 5, pixel_type("int16"))
    np.testing.assert_array_equal(found, STACK.sum(axis=0, dtype=np.int16))


@pytest.mark.parametrize(
    ("algorithm", "stepping", "start", "end", "message"),
    [
        (3, 1, 0, 5, "unknown projection 3"),
        (MEAN, 0, 0, 5, "stepping of a projection must be at least 1"),
        (MEAN, 1, 0, 6, "Z 0 to 6 cannot be projected: the image has Z 0 to 5"),
        (MEAN, 1, 3, 2, "Z 3 to 2 cannot be projected"),
    ],
)
def test_impossible_projections_are_refused(
    source: RawFile, algorithm: int, stepping: int, start: int, end: int, message: str
) -> None:
    with pytest.raises(PixelsError, match=message):
        project(source, 0, 0, algorithm, stepping, start, end)
