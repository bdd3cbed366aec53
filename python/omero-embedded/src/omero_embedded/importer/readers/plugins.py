"""Further formats through `bioio`, where it and a plug-in for the format are installed."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np

from omero_embedded.importer.metadata import ChannelInfo, FileInfo, ImageInfo, Measure
from omero_embedded.importer.readers.arrays import ArraySource, Axes, pixel_type_of
from omero_embedded.importer.readers.base import ReadError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Names that accompany images and that bioio would try in vain.
_NOT_IMAGES = (".txt", ".log", ".xml", ".csv", ".ini", ".json")


def available() -> bool:
    """Whether bioio is installed."""
    return importlib.util.find_spec("bioio") is not None


class BioioReader:
    """Reads what bioio's plug-ins read."""

    name = "bioio"

    def main_file(self, paths: Sequence[Path]) -> Path | None:
        """The first file that a plug-in accepts."""
        if not available():
            return None
        import bioio  # noqa: PLC0415 - optional

        for path in paths:
            if path.suffix.lower() in _NOT_IMAGES:
                continue
            try:
                bioio.BioImage.determine_plugin(str(path))
            except Exception:  # noqa: BLE001, S112 - plug-ins raise what they like for foreign files
                continue
            return path
        return None

    def describe(self, path: Path) -> FileInfo:
        """All scenes of the file."""
        image = _open(path)
        images = []
        for scene in image.scenes:
            image.set_scene(scene)
            sizes = image.physical_pixel_sizes
            axes = Axes(image.dims.order, tuple(image.shape))
            images.append(
                ImageInfo(
                    name=str(scene) if len(image.scenes) > 1 else "",
                    dimensions=axes.dimensions,
                    pixel_type=pixel_type_of(image.dtype).name,
                    physical_size=(_length(sizes.X), _length(sizes.Y), _length(sizes.Z)),
                    channels=tuple(ChannelInfo(name=str(name)) for name in image.channel_names or ()),
                )
            )
        return FileInfo(path.suffix.lstrip(".").upper() or "Unknown", tuple(images))

    def open(self, path: Path, series: int) -> ArraySource:
        """One scene, read chunk by chunk."""
        image = _open(path)
        image.set_scene(image.scenes[series])
        lazy = image.dask_data
        return ArraySource(
            [_Lazy(lazy)], Axes(image.dims.order, tuple(lazy.shape)), pixel_type_of(lazy.dtype), lambda: None
        )


class _Lazy:
    """A dask array that computes what is taken from it."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self.shape = array.shape

    def __getitem__(self, index: Any) -> Any:
        return np.asarray(self._array[index].compute())


def _open(path: Path) -> Any:
    import bioio  # noqa: PLC0415 - optional

    try:
        return bioio.BioImage(str(path))
    except Exception as error:
        raise ReadError(f"{path.name} cannot be read by bioio: {error}") from error


def _length(value: float | None) -> Measure | None:
    return (float(value), "MICROMETER") if value else None
