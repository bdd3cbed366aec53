"""Which pixels are in which shape."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import omero
import omero.all
import pytest
from hypothesis import given
from omero.rtypes import rdouble, rstring

from omero_embedded.services.shape_geometry import shape_pixels


def shape(kind: str, **numbers: float) -> Any:
    made = getattr(omero.model, f"{kind}I")()
    for name, value in numbers.items():
        setattr(made, name, rdouble(value))
    return made


@given(x=st.integers(-5, 15), y=st.integers(-5, 15), w=st.integers(0, 12), h=st.integers(0, 12))
def test_a_rectangle_covers_its_part_of_the_plane(x: int, y: int, w: int, h: int) -> None:
    inside = shape_pixels(shape("Rectangle", x=x, y=y, width=w, height=h), 10, 8)

    expected = np.zeros((8, 10), dtype=bool)
    expected[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)] = True
    assert np.array_equal(inside, expected)


@given(rx=st.floats(1, 20), ry=st.floats(1, 20))
def test_an_ellipse_has_about_its_area(rx: float, ry: float) -> None:
    inside = shape_pixels(shape("Ellipse", x=32, y=32, radiusX=rx, radiusY=ry), 64, 64)

    assert inside.sum() == pytest.approx(np.pi * rx * ry, abs=4 * (rx + ry))


def test_a_polygon_follows_the_even_odd_rule() -> None:
    polygon = omero.model.PolygonI()
    polygon.points = rstring("1,1 5,1 5,5 1,5")

    inside = shape_pixels(polygon, 8, 8)

    assert inside[1:5, 1:5].all()
    assert inside.sum() == 16


def test_a_polygon_without_points_covers_nothing() -> None:
    assert not shape_pixels(omero.model.PolygonI(), 8, 8).any()


def test_a_transform_moves_the_shape() -> None:
    moved = shape("Rectangle", x=0, y=0, width=2, height=2)
    transform = omero.model.AffineTransformI()
    for name, value in zip(("a00", "a10", "a01", "a11", "a02", "a12"), (1, 0, 0, 1, 4, 3), strict=True):
        setattr(transform, name, rdouble(value))
    moved.transform = transform

    inside = shape_pixels(moved, 8, 8)

    assert inside[3:5, 4:6].all()
    assert inside.sum() == 4


def test_a_mask_carries_a_bit_for_each_pixel() -> None:
    mask = shape("Mask", x=1, y=2, width=3, height=2)
    mask.bytes = np.packbits(np.array([1, 0, 1, 0, 1, 0], dtype=np.uint8)).tobytes()

    inside = shape_pixels(mask, 8, 8)

    assert [(int(y), int(x)) for y, x in np.argwhere(inside)] == [(2, 1), (2, 3), (3, 2)]


def test_lines_and_points_cover_the_pixels_they_go_through() -> None:
    assert np.argwhere(shape_pixels(shape("Point", x=3.7, y=2.2), 8, 8)).tolist() == [[2, 3]]
    line = shape_pixels(shape("Line", x1=0, y1=0, x2=7, y2=7), 8, 8)
    assert line.diagonal().all()
    assert not shape_pixels(shape("Point", x=-1, y=9), 8, 8).any()
