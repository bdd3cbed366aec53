"""The demo's pictures: right in shape, different from each other, the same every time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from omero_platform.demo import catalogue
from omero_platform.demo.plate import COLUMNS, VIABILITY, treatment


def test_a_stack_has_three_channels_of_nine_planes() -> None:
    picture = catalogue.fixed_cells(catalogue.FIXED_CELLS[0])
    assert [len(channel[0]) for channel in picture.planes] == [catalogue.STACK_PLANES] * 3
    assert all(plane.dtype == np.uint16 for plane in picture.in_upload_order())


def test_the_middle_of_a_stack_is_brightest() -> None:
    means = [plane.mean() for plane in catalogue.fixed_cells("a").planes[0][0]]
    assert max(means) == means[catalogue.STACK_PLANES // 2]


def test_planes_travel_with_z_outermost_and_time_innermost() -> None:
    picture = catalogue.fixed_cells("a")
    order = list(picture.in_upload_order())
    assert len(order) == 3 * catalogue.STACK_PLANES
    assert order[1] is picture.planes[1][0][0]
    assert order[3] is picture.planes[0][0][1]


def test_pictures_are_the_same_on_every_machine_and_differ_by_name() -> None:
    first, again, other = (catalogue.living_cells(name).planes[0][0][0] for name in ("a", "a", "b"))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_cells_divide_half_way_through_the_series() -> None:
    frames = [frame[0] for frame in catalogue.living_cells("a").planes[0]]
    changes = [np.abs(later.astype(float) - earlier).mean() for earlier, later in pairwise(frames)]
    assert changes.index(max(changes)) == catalogue.SERIES_TIMES // 2 - 1


def test_tiles_are_parts_of_one_scan_in_colour() -> None:
    tiles = [make() for make in catalogue.tissue_tiles("scan").values()]
    assert len(tiles) == 9
    left, right = (np.array([channel[0][0] for channel in tile.planes], float) for tile in tiles[:2])
    assert left.shape == (3, catalogue.TILE_SIZE, catalogue.TILE_SIZE)
    seam = np.abs(left[:, :, -1] - right[:, :, 0]).mean()
    assert seam < 10
    assert left.mean() > 100


def test_wells_show_the_effect_of_their_gene() -> None:
    healthy, dying = (
        catalogue.well_image("well", viability).planes[0][0][0].mean() for viability in (1.0, 0.15)
    )
    assert healthy > dying
    assert treatment(1) == "scrambled"
    assert treatment(COLUMNS) == "PLK1"
    assert set(VIABILITY) <= {treatment(column) for column in range(1, COLUMNS + 1)}
