"""Thumbnails: rendered small from the smallest data that suffices, and kept on disk.

Thumbnails/<thousands>/<pixels id>/<settings>_<version of settings>_<version of pixels>_<width>x<height>.jpg
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from omero_embedded.pixels.encode import jpeg, picture
from omero_embedded.pixels.renderer import Renderer, level_for
from omero_embedded.pixels.source import read_plane
from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from pathlib import Path

    from omero_embedded.pixels.types import Dimensions

LARGEST = 2048
DEFAULT_SIZE = 96
_unique = itertools.count()


@dataclass(frozen=True, slots=True)
class ThumbnailKey:
    """What makes a thumbnail: which pixels in which state, shown how, and its size."""

    pixels_id: int
    pixels_version: int
    settings_id: int
    settings_version: int
    width: int
    height: int

    @property
    def file_name(self) -> str:
        """The name of its file in the folder of its pixels."""
        settings = f"{self.settings_id}_{self.settings_version}"
        return f"{settings}_{self.pixels_version}_{self.width}x{self.height}.jpg"


def check_size(width: int, height: int) -> tuple[int, int]:
    """The size; PixelsError if no thumbnail is that large or small."""
    if not (1 <= width <= LARGEST and 1 <= height <= LARGEST):
        raise PixelsError(
            f"a thumbnail of {width} x {height} pixels is not possible: each side is 1 to {LARGEST}"
        )
    return width, height


def size_for(dimensions: Dimensions, longest: int) -> tuple[int, int]:
    """Width and height with the image's proportions whose longer side is `longest`."""
    check_size(longest, longest)
    ratio = longest / max(dimensions.x, dimensions.y)
    return max(1, int(dimensions.x * ratio)), max(1, int(dimensions.y * ratio))


def render_thumbnail(renderer: Renderer, width: int, height: int, z: int, t: int) -> bytes:
    """The plane at z, t as a JPEG of this size.

    Of large planes a smaller resolution, or every n-th pixel, is read: twice the thumbnail's size is enough to average.
    """
    source = renderer.source
    level = level_for(source.levels, 2 * width, 2 * height)
    level_width, level_height = source.levels[level]
    step = max(1, min(level_width // (2 * width), level_height // (2 * height)))
    planes = {
        c: read_plane(source, z, c, t, level)[::step, ::step].copy() for c in renderer.settings.active()
    }
    shape = (-(-level_height // step), -(-level_width // step))
    shown = picture(renderer.show(planes, shape))
    return jpeg(shown.resize((width, height), Image.Resampling.BILINEAR))


class ThumbnailCache:
    """Thumbnails on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: ThumbnailKey) -> bytes | None:
        """The kept thumbnail, None if there is none."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, key: ThumbnailKey, data: bytes) -> None:
        """Keep a thumbnail, and drop those of earlier states of the same settings and pixels."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._drop_outdated(key, path.parent)
        fresh = path.with_suffix(f".{os.getpid()}.{next(_unique)}.part")
        fresh.write_bytes(data)
        fresh.replace(path)

    def forget(self, pixels_id: int) -> None:
        """Drop all thumbnails of these pixels."""
        shutil.rmtree(self._folder(pixels_id), ignore_errors=True)

    def _drop_outdated(self, key: ThumbnailKey, folder: Path) -> None:
        current = f"{key.settings_id}_{key.settings_version}_{key.pixels_version}_"
        with os.scandir(folder) as found:
            outdated = [
                entry.path
                for entry in found
                if entry.name.startswith(f"{key.settings_id}_") and not entry.name.startswith(current)
            ]
        for path in outdated:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)  # noqa: PTH108 - a path from scandir

    def _folder(self, pixels_id: int) -> Path:
        return self.folder / f"{pixels_id // 1000:03d}" / str(pixels_id)

    def _path(self, key: ThumbnailKey) -> Path:
        return self._folder(key.pixels_id) / key.file_name
