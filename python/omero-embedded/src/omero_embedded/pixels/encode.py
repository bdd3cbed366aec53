"""Pictures as files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# OMERO's JPEG quality where nobody chose one.
QUALITY = 0.85


def picture(bands: Sequence[NDArray[np.uint8]]) -> Image.Image:
    """The bands as an RGB picture."""
    height, width = bands[0].shape
    planes = [
        Image.frombuffer("L", (width, height), np.ascontiguousarray(band), "raw", "L", 0, 1) for band in bands
    ]
    return Image.merge("RGB", planes)


def jpeg(image: Image.Image, quality: float = QUALITY) -> bytes:
    """The picture as JPEG; quality from 0 to 1."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=max(1, min(100, round(quality * 100))))
    return stream.getvalue()
