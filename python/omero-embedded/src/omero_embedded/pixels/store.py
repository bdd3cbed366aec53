"""Where pixel data lives: raw files below <data>/Pixels, or imported files through a registered reader.

Pixels/<thousands>/<id>.raw             values (see raw.py)
Pixels/<thousands>/<id>.source.json     an imported file instead: reader, path, series, options
Pixels/<thousands>/<id>.levels/         smaller copies of big planes (see pyramid.py)
"""

from __future__ import annotations

import json
import shutil
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from omero_embedded.pixels.pyramid import Pyramid
from omero_embedded.pixels.raw import RawFile, allocate
from omero_embedded.pixels.types import Dimensions, PixelsError, PixelType

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omero_embedded.pixels.source import PixelSource

# OMERO's defaults of omero.pixeldata.max_plane_width and _height: larger planes are only served in tiles.
MAX_PLANE = 3192
OPEN_SOURCES = 128


@dataclass(frozen=True, slots=True)
class SourceRef:
    """An imported file: which registered reader opens `path`, and which image (`series`) in it."""

    reader: str
    path: str
    series: int = 0
    options: dict[str, str] = field(default_factory=dict)


class PixelStore:
    """Pixel data by Pixels id. Thread-safe; keeps the sources used last open."""

    def __init__(self, folder: Path, max_plane: tuple[int, int] = (MAX_PLANE, MAX_PLANE)) -> None:
        self.folder = folder
        self.max_plane = max_plane
        self._readers: dict[str, Callable[[SourceRef], PixelSource]] = {}
        self._open: OrderedDict[int, PixelSource] = OrderedDict()
        self._lock = threading.RLock()

    def register_reader(self, name: str, opener: Callable[[SourceRef], PixelSource]) -> None:
        """Make imported files of this reader known; must happen before they are opened."""
        self._readers[name] = opener

    def is_big(self, dimensions: Dimensions) -> bool:
        """Whether planes are so large that clients must ask for tiles of a pyramid."""
        return dimensions.x > self.max_plane[0] or dimensions.y > self.max_plane[1]

    def raw_path(self, pixels_id: int) -> Path:
        """The raw file of these pixels, whether it exists or not."""
        return self.folder / f"{pixels_id // 1000:03d}" / f"{pixels_id}.raw"

    def link(self, pixels_id: int, reference: SourceRef) -> None:
        """Say that these pixels are in an imported file, also for later starts."""
        self._check_reader(reference)
        path = self._reference_path(pixels_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".part")
        fresh.write_text(json.dumps(asdict(reference), indent=1))
        fresh.replace(path)
        self.release(pixels_id)

    def exists(self, pixels_id: int) -> bool:
        """Whether any data was stored for these pixels."""
        return self.raw_path(pixels_id).exists() or self._reference_path(pixels_id).exists()

    def reference(self, pixels_id: int) -> SourceRef | None:
        """The imported file of these pixels, None if they were not imported."""
        path = self._reference_path(pixels_id)
        return SourceRef(**json.loads(path.read_text())) if path.exists() else None

    def open(self, pixels_id: int, dimensions: Dimensions, kind: PixelType) -> PixelSource:
        """The data of these pixels; PixelsError if there are none or they do not fit the sizes and type."""
        with self._lock:
            source = self._open.get(pixels_id)
            if source is not None and source.dimensions == dimensions and source.type == kind:
                self._open.move_to_end(pixels_id)
                return source
            source = self._open_new(pixels_id, dimensions, kind)
            self._open[pixels_id] = source
            while len(self._open) > OPEN_SOURCES:
                # Not closed here: another thread may still read it, its files go with the last reference.
                self._open.popitem(last=False)
            return source

    def create(self, pixels_id: int, dimensions: Dimensions, kind: PixelType) -> RawFile:
        """The raw file of these pixels for writing, made (all zero) if there is none.

        Raises PixelsError for imported pixels, which are never overwritten.
        """
        if self._reference_path(pixels_id).exists():
            raise PixelsError(f"the pixels {pixels_id} belong to an imported file and cannot be changed")
        path = self.raw_path(pixels_id)
        allocate(path, dimensions, kind)
        return RawFile(path, dimensions, kind)

    def changed(self, pixels_id: int) -> None:
        """Forget what was derived from the data of these pixels."""
        shutil.rmtree(self._levels_path(pixels_id), ignore_errors=True)

    def release(self, pixels_id: int) -> None:
        """Close the data of these pixels."""
        with self._lock:
            source = self._open.pop(pixels_id, None)
            if source is not None:
                source.close()

    def delete(self, pixels_id: int) -> None:
        """Remove the data of these pixels; imported files themselves stay."""
        self.release(pixels_id)
        self.raw_path(pixels_id).unlink(missing_ok=True)
        self._reference_path(pixels_id).unlink(missing_ok=True)
        self.changed(pixels_id)

    def close(self) -> None:
        """Close everything."""
        with self._lock:
            for source in self._open.values():
                source.close()
            self._open.clear()

    def _reference_path(self, pixels_id: int) -> Path:
        return self.raw_path(pixels_id).with_suffix(".source.json")

    def _levels_path(self, pixels_id: int) -> Path:
        return self.raw_path(pixels_id).with_suffix(".levels")

    def _check_reader(self, reference: SourceRef) -> None:
        if reference.reader not in self._readers:
            known = ", ".join(sorted(self._readers)) or "none"
            raise PixelsError(f"no reader named {reference.reader} for {reference.path}; registered: {known}")

    def _open_new(self, pixels_id: int, dimensions: Dimensions, kind: PixelType) -> PixelSource:
        source = self._open_file(pixels_id, dimensions, kind)
        if source.dimensions != dimensions or source.type != kind:
            source.close()
            raise PixelsError(
                f"the data of pixels {pixels_id} is {source.dimensions} of {source.type.name}, "
                f"the image says {dimensions} of {kind.name}"
            )
        if self.is_big(dimensions) and len(source.levels) == 1:
            return Pyramid(source, self._levels_path(pixels_id))
        return source

    def _open_file(self, pixels_id: int, dimensions: Dimensions, kind: PixelType) -> PixelSource:
        reference_path = self._reference_path(pixels_id)
        if reference_path.exists():
            reference = SourceRef(**json.loads(reference_path.read_text()))
            self._check_reader(reference)
            return self._readers[reference.reader](reference)
        path = self.raw_path(pixels_id)
        if not path.exists():
            raise PixelsError(f"no data was stored for the pixels {pixels_id}")
        allocate(path, dimensions, kind)
        return RawFile(path, dimensions, kind)
