"""The small picture Imaris shows in its file browser."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ims_writer.layout import Level

EDGE = 256

Color = tuple[float, float, float]


def thumbnail_level(levels: Sequence[Level]) -> int:
    """The smallest level that still has a side of 256 pixels, else the full resolution."""
    for number in range(len(levels) - 1, 0, -1):
        if max(levels[number].size.y, levels[number].size.x) >= EDGE:
            return number
    return 0


def projection(data: Any, level: Level) -> NDArray[np.float32]:
    """Brightest voxel along z of a dataset, at most 256 pixels a side; reads a few chunks at a time."""
    rows = _samples(level.size.y)
    columns = _samples(level.size.x)
    brightest = np.full((len(rows), len(columns)), -np.inf, np.float32)
    for z in range(0, level.size.z, level.chunk.z):
        depth = slice(z, min(z + level.chunk.z, level.size.z))
        for y in range(0, level.size.y, level.chunk.y):
            here = (rows >= y) & (rows < y + level.chunk.y)
            slab = data[depth, y : min(y + level.chunk.y, level.size.y), : level.size.x]
            seen = slab[:, rows[here] - y][:, :, columns].max(axis=0).astype(np.float32)
            brightest[here] = np.fmax(brightest[here], seen)
    return np.nan_to_num(brightest, nan=0.0, posinf=0.0, neginf=0.0)


def blend(
    projections: Sequence[NDArray[np.float32]], colors: Sequence[Color], ranges: Sequence[tuple[float, float]]
) -> NDArray[np.uint8]:
    """Add the channels in their colours and centre the result in 256 by 256 opaque RGBA pixels."""
    rows, columns = projections[0].shape
    light = np.zeros((rows, columns, 3), np.float32)
    for picture, color, (low, high) in zip(projections, colors, ranges, strict=True):
        shown = np.clip((picture.astype(np.float64) - low) / ((high - low) or 1.0), 0, 1).astype(np.float32)
        light += shown[:, :, None] * np.array(color, np.float32)
    frame = np.zeros((EDGE, EDGE, 4), np.uint8)
    frame[:, :, 3] = 255
    top, left = (EDGE - rows) // 2, (EDGE - columns) // 2
    frame[top : top + rows, left : left + columns, :3] = np.rint(np.clip(light, 0, 1) * 255)
    return frame


def _samples(length: int) -> NDArray[np.int64]:
    wanted = min(length, EDGE)
    return (np.arange(wanted) * length + length // 2) // wanted
