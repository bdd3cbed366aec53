"""Masks drawn over a rendered plane, each in its colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels.renderer import XY
from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from omero_embedded.pixels.renderer import Bands, Section
    from omero_embedded.pixels.types import Dimensions


@dataclass(frozen=True, slots=True)
class Overlay:
    """One bit for each pixel of a plane, row by row, the highest bit first; `color` is 0xRRGGBB."""

    bits: bytes
    color: int


def draw(bands: Bands, overlays: list[Overlay], section: Section, size: Dimensions) -> Bands:
    """The bands with the overlays on top, the later ones above; PixelsError for cuts and smaller resolutions."""
    if section.slice != XY or section.level:
        raise PixelsError("overlays are drawn on XY planes at full resolution only")
    drawn = [band.copy() for band in bands]
    for overlay in overlays:
        inside = _plane(overlay.bits, size)
        if section.region is not None:
            region = section.region
            inside = inside[region.y : region.y + region.height, region.x : region.x + region.width]
        inside = inside[:: section.step, :: section.step]
        for band, shift in zip(drawn, (16, 8, 0), strict=True):
            band[inside] = overlay.color >> shift & 0xFF
    return drawn


def _plane(bits: bytes, size: Dimensions) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    wanted = size.x * size.y
    found = np.unpackbits(np.frombuffer(bits, np.uint8))[:wanted]
    if found.size < wanted:
        raise PixelsError(f"an overlay has {len(bits)} bytes, a bit for each pixel takes {-(-wanted // 8)}")
    return found.reshape(size.y, size.x).astype(bool)
