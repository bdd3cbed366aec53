"""Masks made of a picture: every colour but black is a mask of its own."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
from omero.rtypes import rbool, rdouble, rint
from PIL import Image, UnidentifiedImageError

from omero_embedded import errors

if TYPE_CHECKING:
    import numpy.typing as npt

_BLACK = 0xFF


def mask_rois(picture: bytes, image_id: int, z: int, t: int) -> list[Any]:
    """One new ROI with one mask on plane (z, t) for each colour of a PNG, JPEG, GIF or BMP file."""
    colors = _colors(picture)
    rois = []
    for color in np.unique(colors):
        if color != _BLACK:
            roi = omero.model.RoiI()
            roi.image = omero.model.ImageI(image_id, False)
            roi.addShape(_mask(colors == color, z, t))
            rois.append(roi)
    return rois


def _colors(picture: bytes) -> npt.NDArray[np.uint32]:
    """The picture [y, x] as red, green, blue and opacity, from the highest byte down."""
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            bands = np.asarray(opened.convert("RGBA"))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise errors.api_usage(f"uploadMask takes a picture such as a PNG file: {error}") from None
    return np.ascontiguousarray(bands).view(">u4")[..., 0].astype(np.uint32)


def _mask(inside: npt.NDArray[np.bool_], z: int, t: int) -> Any:
    """A mask no larger than what it covers, one bit a pixel."""
    ys, xs = np.nonzero(inside)
    top, left, bottom, right = int(ys.min()), int(xs.min()), int(ys.max()) + 1, int(xs.max()) + 1
    mask = omero.model.MaskI()
    mask.x, mask.y = rdouble(left), rdouble(top)
    mask.width, mask.height = rdouble(right - left), rdouble(bottom - top)
    mask.theZ, mask.theT, mask.locked = rint(z), rint(t), rbool(True)
    mask.bytes = np.packbits(inside[top:bottom, left:right].ravel()).tobytes()
    return mask
