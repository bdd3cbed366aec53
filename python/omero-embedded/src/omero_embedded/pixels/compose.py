"""Planes of several channels into one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from omero_embedded.pixels.settings import Color


def color_table(color: Color, lookup: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Red, green and blue [256, 3] of each display value: the lookup table, or the colour times its alpha.

    As in OMERO both products are cut to whole numbers, and a lookup table knows no alpha.
    """
    if lookup is not None:
        return lookup
    ratios = np.array(color[:3], np.float64) / 255.0
    products = np.floor(np.arange(256)[:, None] * ratios)
    return np.floor(products * (np.float32(color[3]) / np.float32(255))).astype(np.uint8)


def grey(levels: NDArray[np.uint8] | None, shape: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Three equal bands; black without a channel."""
    band = np.zeros(shape, np.uint8) if levels is None else levels
    return [band, band, band]


def blend(
    levels: Sequence[NDArray[np.uint8]], tables: Sequence[NDArray[np.uint8]], shape: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """The sum of all channels in red, green and blue, cut at 255."""
    bands: list[NDArray[np.uint8] | None] = [None, None, None]
    for channel, table in zip(levels, tables, strict=True):
        for index in range(3):
            column = np.ascontiguousarray(table[:, index])
            if not column.any():
                continue
            part = channel if _is_identity(column) else np.take(column, channel)
            bands[index] = part if bands[index] is None else _saturating_sum(bands[index], part)
    return [np.zeros(shape, np.uint8) if band is None else band for band in bands]


def _is_identity(column: NDArray[np.uint8]) -> bool:
    return bool(column[255] == 255 and (column == np.arange(256)).all())


def _saturating_sum(left: NDArray[np.uint8] | None, right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    assert left is not None
    return left + np.minimum(right, ~left)


def packed(bands: Sequence[NDArray[np.uint8]], alpha: int = 255) -> NDArray[np.int32]:
    """One integer per pixel, row by row: alpha, red, green, blue from the highest byte down."""
    height, width = bands[0].shape
    pixels = np.empty((height * width, 4), np.uint8)
    for index, band in enumerate((bands[2], bands[1], bands[0])):
        pixels[:, index] = band.ravel()
    pixels[:, 3] = alpha
    return pixels.view("<i4").astype(np.int32, copy=False).ravel()
