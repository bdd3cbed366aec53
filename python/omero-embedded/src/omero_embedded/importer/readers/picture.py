"""Everyday pictures: PNG, JPEG, GIF, BMP, WebP, JPEG 2000."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

from omero_embedded.importer.metadata import FileInfo, ImageInfo
from omero_embedded.importer.readers.arrays import ArraySource, Axes, pixel_type_of
from omero_embedded.importer.readers.base import ReadError, by_suffix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".gif": "GIF",
    ".bmp": "BMP",
    ".webp": "WebP",
    ".jp2": "JPEG-2000",
}
# 16-bit grey and 32-bit modes stay as they are, everything else becomes grey or colour of 8 bits.
_KEPT_MODES = {"L", "RGB", "RGBA", "I;16", "I;16B", "I", "F"}
_CONVERTED = {
    "1": "L",
    "LA": "L",
    "P": "RGB",
    "PA": "RGBA",
    "La": "L",
    "RGBa": "RGBA",
    "I;16N": "I;16",
    "I;16L": "I;16",
}


class PictureReader:
    """Reads pictures whole; they are small."""

    name = "Pictures"

    def main_file(self, paths: Sequence[Path]) -> Path | None:
        """The first picture."""
        return by_suffix(paths, tuple(_FORMATS))

    def describe(self, path: Path) -> FileInfo:
        """One image, or one with time points if the picture is animated."""
        values, axes, metadata = _load(path)
        info = ImageInfo(
            name="",
            dimensions=axes.dimensions,
            pixel_type=pixel_type_of(values.dtype).name,
            metadata=metadata,
        )
        return FileInfo(_FORMATS[path.suffix.lower()], (info,), metadata, picture=True)

    def open(self, path: Path, series: int) -> ArraySource:
        """The values of the picture."""
        if series:
            raise ReadError(f"{path.name} holds one image, not {series + 1}")
        values, axes, _ = _load(path)
        return ArraySource([values], axes, pixel_type_of(values.dtype), lambda: None)


def _load(path: Path) -> tuple[NDArray[np.generic], Axes, dict[str, str]]:
    try:
        with Image.open(path) as picture:
            frames = [_frame(picture, number) for number in range(getattr(picture, "n_frames", 1))]
            info = {
                str(key): str(value)
                for key, value in picture.info.items()
                if isinstance(value, str | int | float)
            }
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise ReadError(f"{path.name} is not a readable picture: {error}") from error
    except Image.DecompressionBombError as error:
        raise ReadError(f"{path.name}: {error}") from error
    values = np.stack(frames) if len(frames) > 1 else frames[0]
    names = ("T" if len(frames) > 1 else "") + ("YXS" if frames[0].ndim == 3 else "YX")
    return values, Axes(names, values.shape), info


def _frame(picture: Image.Image, number: int) -> NDArray[np.generic]:
    picture.seek(number)
    mode = _CONVERTED.get(picture.mode, picture.mode)
    if mode not in _KEPT_MODES:
        mode = "RGB"
    return np.asarray(picture if mode == picture.mode else picture.convert(mode))
