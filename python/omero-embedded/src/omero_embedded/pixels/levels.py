"""Resolutions by the numbers that clients have for them: 0 is the smallest, the largest number the full one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from omero_embedded.pixels.source import PixelSource


def number_of(source: PixelSource, level: int) -> int:
    """The number of a level of the source, whose level 0 is the full resolution."""
    return len(source.levels) - 1 - level


def level_numbered(source: PixelSource, number: int) -> int:
    """The level that has this number; PixelsError if there is none."""
    count = len(source.levels)
    if not 0 <= number < count:
        raise PixelsError(f"resolution level {number} is out of bounds: there are 0 to {count - 1}")
    return count - 1 - number


def descriptions(source: PixelSource) -> list[Any]:
    """Sizes of the resolutions, the full one first."""
    return [omero.api.ResolutionDescription(width, height) for width, height in source.levels]
