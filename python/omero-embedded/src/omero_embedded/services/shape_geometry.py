"""Which pixels lie in a shape of a ROI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Corners = list[tuple[float, float]]

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def shape_pixels(shape: Any, width: int, height: int) -> Mask:
    """The pixels [y, x] of a plane of this size in the shape; none for labels and shapes that lie outside."""
    inside = np.zeros((height, width), dtype=bool)
    kind = type(shape).__name__.removesuffix("I")
    matrix = _matrix(shape)
    if kind == "Mask":
        return _mask_pixels(shape, inside)
    if kind in ("Point", "Line", "Polyline"):
        return _trace(_moved(_path(kind, shape), matrix), inside)
    if kind == "Ellipse":
        x, y, rx, ry = (_number(shape, name) for name in ("x", "y", "radiusX", "radiusY"))
        box: Corners = [(x - rx, y - ry), (x + rx, y - ry), (x + rx, y + ry), (x - rx, y + ry)]
        return _fill(inside, box, matrix, lambda px, py: ((px - x) / rx) ** 2 + ((py - y) / ry) ** 2 <= 1)
    if kind == "Rectangle":
        x, y, w, h = (_number(shape, name) for name in ("x", "y", "width", "height"))
        box = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
        return _fill(inside, box, matrix, lambda px, py: (px >= x) & (px < x + w) & (py >= y) & (py < y + h))
    if kind == "Polygon":
        corners = _points(shape)
        return _fill(inside, corners, matrix, lambda px, py: _in_polygon(corners, px, py))
    return inside


def _number(shape: Any, name: str) -> float:
    value = getattr(shape, f"_{name}")
    return 0.0 if value is None else float(value.getValue())


def _points(shape: Any) -> Corners:
    """The corners of a polygon or polyline, written as "x,y x,y …"."""
    text = shape._points.getValue() if shape._points is not None else ""  # noqa: SLF001 - the only way to the field
    numbers = [float(number) for number in _NUMBER.findall(text.partition("points1")[0])]
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _path(kind: str, shape: Any) -> Corners:
    if kind == "Point":
        return [(_number(shape, "x"), _number(shape, "y"))]
    if kind == "Line":
        return [(_number(shape, "x1"), _number(shape, "y1")), (_number(shape, "x2"), _number(shape, "y2"))]
    return _points(shape)


def _matrix(shape: Any) -> Floats:
    """The shape's transform as a 3 × 3 matrix."""
    transform = shape._transform  # noqa: SLF001 - the only way to the field
    if transform is None or not transform.isLoaded():
        return np.eye(3)
    a, b, c, d, e, f = (_number(transform, name) for name in ("a00", "a10", "a01", "a11", "a02", "a12"))
    return np.array([[a, c, e], [b, d, f], [0.0, 0.0, 1.0]])


def _moved(corners: Corners, matrix: Floats) -> Corners:
    return [(float(p[0]), float(p[1])) for p in (matrix @ np.array([x, y, 1.0]) for x, y in corners)]


def _fill(inside: Mask, box: Corners, matrix: Floats, test: Callable[[Floats, Floats], Mask]) -> Mask:
    """Mark the pixels whose centre is in the shape; `box` encloses it before the transform."""
    if not box or abs(np.linalg.det(matrix)) < 1e-12:
        return inside
    height, width = inside.shape
    outer = _moved(box, matrix)
    left, top = (max(0, int(np.floor(min(values)))) for values in zip(*outer, strict=True))
    right, bottom = (int(np.ceil(max(values))) + 1 for values in zip(*outer, strict=True))
    right, bottom = min(width, right), min(height, bottom)
    if left >= right or top >= bottom:
        return inside
    ys, xs = np.mgrid[top:bottom, left:right]
    back = np.linalg.inv(matrix)
    cx, cy = xs + 0.5, ys + 0.5
    px = back[0, 0] * cx + back[0, 1] * cy + back[0, 2]
    py = back[1, 0] * cx + back[1, 1] * cy + back[1, 2]
    inside[top:bottom, left:right] = test(px, py)
    return inside


def _in_polygon(corners: Corners, px: Floats, py: Floats) -> Mask:
    """The even-odd rule."""
    odd: Mask = np.zeros(px.shape, dtype=bool)
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if y1 != y2:
            crosses = (py >= min(y1, y2)) & (py < max(y1, y2))
            odd ^= crosses & (px < x1 + (py - y1) * (x2 - x1) / (y2 - y1))
    return odd


def _trace(corners: Corners, inside: Mask) -> Mask:
    """Mark the pixels along a path."""
    height, width = inside.shape
    starts = corners if len(corners) == 1 else corners[:-1]
    for (x1, y1), (x2, y2) in zip(starts, corners[1:] or corners, strict=True):
        steps = int(max(abs(x2 - x1), abs(y2 - y1))) + 1
        xs = np.floor(np.linspace(x1, x2, steps + 1)).astype(int)
        ys = np.floor(np.linspace(y1, y2, steps + 1)).astype(int)
        within = (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
        inside[ys[within], xs[within]] = True
    return inside


def _mask_pixels(shape: Any, inside: Mask) -> Mask:
    """A Mask carries one bit per pixel, row by row, highest bit first."""
    x, y, w, h = (int(_number(shape, name)) for name in ("x", "y", "width", "height"))
    data = shape._bytes  # noqa: SLF001 - the only way to the field
    if data is None or w <= 0 or h <= 0:
        return inside
    bits = np.unpackbits(np.frombuffer(bytes(data), dtype=np.uint8))[: w * h]
    if bits.size < w * h:
        return inside
    stamp = bits.reshape(h, w).astype(bool)
    height, width = inside.shape
    left, top, right, bottom = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
    if left < right and top < bottom:
        inside[top:bottom, left:right] = stamp[top - y : bottom - y, left - x : right - x]
    return inside
