"""TIFF in its common dialects: OME-TIFF (also in several files), ImageJ, multi-page, tiled, with sub-resolutions."""

from __future__ import annotations

import math
import os
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import FileIO
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from omero_embedded.importer import omexml
from omero_embedded.importer.metadata import FileInfo, ImageInfo, Measure
from omero_embedded.importer.omexml_tree import local
from omero_embedded.importer.readers.arrays import Axes, as_type, pixel_type_of
from omero_embedded.importer.readers.base import ReadError, by_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from omero_embedded.pixels.types import Dimensions, PixelType, Plane, Region

_SUFFIXES = (".tif", ".tiff", ".tf2", ".tf8", ".btf")
_COMPANION = ".companion.ome"
_RESOLUTION_MICROMETERS = {2: 25_400.0, 3: 10_000.0}
_FAULTS = (tifffile.TiffFileError, OSError, ValueError, KeyError, IndexError, RuntimeError)


class TiffReader:
    """Reads TIFF files."""

    name = "TIFF"

    def main_file(self, paths: Sequence[Path]) -> Path | None:
        """The companion file of a multi-file OME-TIFF, else the first TIFF."""
        return by_suffix(paths, (_COMPANION,)) or by_suffix(paths, _SUFFIXES)

    def describe(self, path: Path) -> FileInfo:
        """All images of the file."""
        try:
            with tifffile.TiffFile(_first_tiff(path)) as tiff:
                return _describe(tiff)
        except omexml.OmeXmlError as error:
            raise ReadError(f"{path.name}: {error}") from error
        except ReadError as error:
            raise ReadError(f"{path.name}: {error}") from error
        except _FAULTS as error:
            raise ReadError(f"{path.name} is not a readable TIFF: {error}") from error

    def open(self, path: Path, series: int) -> TiffSource:
        """The pixel data of one image."""
        try:
            return TiffSource(tifffile.TiffFile(_first_tiff(path)), series)
        except _FAULTS as error:
            raise ReadError(f"{path.name}, image {series}: {error}") from error


def _first_tiff(path: Path) -> Path:
    """The TIFF to open for a companion file: the first one it names."""
    if not path.name.lower().endswith(_COMPANION):
        return path
    root = omexml.parse(path.read_bytes())
    for element in root.iter():
        if local(element) == "UUID" and element.get("FileName"):
            named = path.parent / str(element.get("FileName"))
            if named.is_file():
                return named
    raise ReadError(f"{path.name} names no TIFF file that was imported with it")


def _describe(tiff: tifffile.TiffFile) -> FileInfo:
    metadata = _tags(tiff)
    if tiff.is_ome and tiff.ome_metadata:
        found = omexml.contents(omexml.parse(tiff.ome_metadata))
        series = list(tiff.series)
        if len(series) < len(found.images):
            raise ReadError(f"OME-XML describes {len(found.images)} images, the files hold {len(series)}")
        for info, one in zip(found.images, series, strict=False):
            _check(info, one)
        return replace(found, metadata=metadata)
    count = len(tiff.series)
    images = tuple(
        _plain_image(tiff, one, "" if count == 1 else f"#{number}")
        for number, one in enumerate(tiff.series, 1)
    )
    return FileInfo("TIFF", images, metadata, picture=True)


def _check(info: ImageInfo, series: Any) -> None:
    """Raises ReadError where the pages hold something else than the OME-XML says."""
    size = _axes(series).dimensions
    if size != info.dimensions:
        raise ReadError(f"OME-XML says {info.dimensions}, the pages hold {size}")
    pixel_type_of(series.dtype)


def _plain_image(tiff: tifffile.TiffFile, series: Any, name: str) -> ImageInfo:
    page = series.keyframe
    imagej = tiff.imagej_metadata or {}
    x, y = _resolution(page, imagej.get("unit"))
    spacing = imagej.get("spacing")
    interval = imagej.get("finterval")
    return ImageInfo(
        name=name,
        dimensions=_axes(series).dimensions,
        pixel_type=pixel_type_of(series.dtype).name,
        description=_description(tiff, page),
        acquired_ms=_acquired(page),
        physical_size=(x, y, (float(spacing), "MICROMETER") if spacing and x else None),
        time_increment=(float(interval), "SECOND") if interval else None,
        metadata={
            str(key): str(value) for key, value in imagej.items() if isinstance(value, str | int | float)
        },
    )


def _resolution(page: Any, unit: str | None) -> tuple[Measure | None, Measure | None]:
    micrometers = (
        1.0
        if unit in ("micron", "um", "\\u00B5m", "µm")
        else _RESOLUTION_MICROMETERS.get(int(page.tags.valueof("ResolutionUnit", default=1)))
    )
    if micrometers is None:
        return None, None
    found: list[Measure | None] = []
    for tag in ("XResolution", "YResolution"):
        numerator, denominator = page.tags.valueof(tag, default=(0, 1))
        found.append(
            (micrometers * denominator / numerator, "MICROMETER") if numerator and denominator else None
        )
    return found[0], found[1]


def _description(tiff: tifffile.TiffFile, page: Any) -> str | None:
    """What a person wrote; not the notes that programs keep in the same tag."""
    text = str(page.description or "").strip()
    machine = tiff.is_imagej or tiff.is_shaped or text.startswith(("{", "<?xml", "ImageJ="))
    return None if machine or not text else text


def _acquired(page: Any) -> int | None:
    try:
        moment = datetime.strptime(str(page.tags.valueof("DateTime")), "%Y:%m:%d %H:%M:%S").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None
    return int(moment.timestamp() * 1000)


def _tags(tiff: tifffile.TiffFile) -> dict[str, str]:
    page: Any = tiff.pages.first
    return {
        tag.name: str(tag.value)
        for tag in page.tags
        if isinstance(tag.value, str | int | float | tuple) and len(str(tag.value)) < 1000
    }


def _axes(series: Any) -> Axes:
    """The series' axes; those that OMERO does not know (pages, for example) are taken as time, if there is none."""
    names = series.axes
    unknown = [name for name in names if name not in "XYZCTS"]
    long = [name for name in unknown if series.shape[names.index(name)] > 1]
    if long and ("T" in names or len(long) > 1):
        raise ReadError(f"its axes {names} are not those of an image in OMERO (X, Y, Z, C, T)")
    for name in unknown:
        names = names.replace(name, "T" if name in long or (not long and "T" not in names) else "?")
    return Axes(names, tuple(series.shape))


@dataclass(slots=True)
class TiffSource:
    """A `PixelSource` that reads and decodes only the tiles or strips it needs."""

    tiff: tifffile.TiffFile
    series: int
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _files: dict[str, FileIO] = field(default_factory=dict)
    _series: Any = None
    _mapped: Any = None
    axes: Axes = field(init=False)
    type: PixelType = field(init=False)

    def __post_init__(self) -> None:
        self._series = self.tiff.series[self.series]
        self.axes = _axes(self._series)
        self.type = pixel_type_of(self._series.dtype)
        if self._series.dataoffset is not None and len(self._series.levels) == 1:
            self._mapped = self._map()

    def _map(self) -> Any:
        """Uncompressed data in one piece is read from memory."""
        series = self._series
        parent = series.parent
        dtype = np.dtype(parent.byteorder + series.dtype.char)
        if (
            series.dtype.kind == "b"
            or series.size * dtype.itemsize + series.dataoffset > parent.filehandle.size
        ):
            return None
        return np.memmap(parent.filehandle.path, dtype, "r", series.dataoffset, series.shape)

    @property
    def dimensions(self) -> Dimensions:
        """Sizes at full resolution."""
        return self.axes.dimensions

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """Width and height at each resolution."""
        return tuple((level.keyframe.imagewidth, level.keyframe.imagelength) for level in self._series.levels)

    @property
    def tile_size(self) -> tuple[int, int]:
        """Of tiles, or full width and the rows of a strip."""
        page = self._series.keyframe
        if page.is_tiled:
            return min(page.tilewidth, self.dimensions.x), min(page.tilelength, self.dimensions.y)
        rows = max(page.rowsperstrip, min(256, self.dimensions.y))
        return self.dimensions.x, min(rows, self.dimensions.y)

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        """Part of a plane."""
        rows = slice(region.y, region.y + region.height)
        columns = slice(region.x, region.x + region.width)
        if self._mapped is not None:
            return as_type(self._mapped[self.axes.index(z, c, t, rows, columns)], self.type)
        plane: Plane = np.zeros((region.height, region.width), self.type.dtype)
        page = self._page(z, c, t, level)
        if page is not None:
            sample = c % self.axes.size("S")
            for data, y, x in self._segments(page, region, sample):
                _paste(plane, data, y - region.y, x - region.x)
        return plane

    def _page(self, z: int, c: int, t: int, level: int) -> Any:
        series = self._series.levels[level]
        leading = [
            (name, size)
            for name, size in zip(self.axes.names, self.axes.shape, strict=True)
            if name not in "YXS"
        ]
        where = {"Z": z, "C": c // self.axes.size("S"), "T": t}
        number = 0
        for name, size in leading:
            number = number * size + where.get(name, 0)
        with self._lock:
            return series.pages[number] if number < len(series.pages) else None

    def _segments(self, page: Any, region: Region, sample: int) -> Iterator[tuple[Plane, int, int]]:
        """Decoded pieces that meet the region, each with its place in the page; pages share the layout of a key frame."""
        layout = page.keyframe
        width, height = (
            (layout.tilewidth, layout.tilelength)
            if layout.is_tiled
            else (layout.imagewidth, layout.rowsperstrip)
        )
        height = min(height, layout.imagelength) or layout.imagelength
        across, down = math.ceil(layout.imagewidth / width), math.ceil(layout.imagelength / height)
        separate = layout.planarconfig == 2 and layout.samplesperpixel > 1
        first = sample * across * down if separate else 0
        for row in range(region.y // height, (region.y + region.height - 1) // height + 1):
            for column in range(region.x // width, (region.x + region.width - 1) // width + 1):
                number = first + row * across + column
                piece = self._decoded(page, number)
                if piece is not None:
                    yield piece[0, :, :, 0 if separate else sample], row * height, column * width

    def _decoded(self, page: Any, number: int) -> Any:
        size = page.databytecounts[number]
        if not size:
            return None
        file = self._file(page)
        data = os.pread(file.fileno(), size, page.dataoffsets[number])
        layout = page.keyframe
        return layout.decode(data, number, jpegtables=page.jpegtables, jpegheader=layout.jpegheader)[0]

    def _file(self, page: Any) -> FileIO:
        """The file of a page; it closes with the last reference, so not under who still reads."""
        path = str(page.parent.filehandle.path)
        with self._lock:
            if path not in self._files:
                self._files[path] = FileIO(path)
            return self._files[path]

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            self._files.clear()
        self._mapped = None
        self.tiff.close()


def _paste(target: Plane, piece: Plane, y: int, x: int) -> None:
    """Copy the part of the piece that lies within the target; the piece's corner is at (y, x)."""
    top, left = max(0, -y), max(0, -x)
    bottom = min(piece.shape[0], target.shape[0] - y)
    right = min(piece.shape[1], target.shape[1] - x)
    if bottom > top and right > left:
        target[y + top : y + bottom, x + left : x + right] = piece[top:bottom, left:right]
