"""Bio-Formats' test format: a `.fake` file whose name says what images it stands for, e.g. `a&sizeC=3&series=2.fake`.

More of it may stand in a file `a.fake.ini` beside it, of which the section [GlobalMetadata] becomes original metadata.

Format: https://bio-formats.readthedocs.io/en/latest/developers/generating-test-images.html
"""

from __future__ import annotations

from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.importer.metadata import FileInfo, ImageInfo, Measure
from omero_embedded.importer.readers.base import ReadError, by_suffix
from omero_embedded.importer.readers.fake_plates import layout_of
from omero_embedded.pixels.types import PIXEL_TYPES, Dimensions, PixelType, Plane, Region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAX_SERIES = 10_000
_UNNAMED, _GLOBAL = "before the first section", "GlobalMetadata"
_SIZE = 512
_BOX = 10


class FakeReader:
    """Makes gradients with the plane's indices drawn into the first boxes, as Bio-Formats does."""

    name = "Fake"

    def main_file(self, paths: Sequence[Path]) -> Path | None:
        """The first `.fake` file."""
        return by_suffix(paths, (".fake",))

    def describe(self, path: Path) -> FileInfo:
        """As many equal images as the name says, in the wells of plates if it names any."""
        keys, metadata = _keys(path)
        layout = layout_of(lambda name: _number(keys, name, 0, least=0))
        count = _number(keys, "series", 1) if layout is None else layout.images
        if not 1 <= count <= MAX_SERIES:
            raise ReadError(f"{path.name}: {count} images are not between 1 and {MAX_SERIES}")
        source = _source(path, keys)
        title = path.name.removesuffix(".fake").partition("&")[0]
        images = tuple(
            ImageInfo(
                name=title if number == 1 else f"{title} {number}",
                dimensions=source.dimensions,
                pixel_type=source.type.name,
                order=keys.get("dimOrder", "XYZCT"),
                physical_size=(_length(keys, "X"), _length(keys, "Y"), _length(keys, "Z")),
                id=_image_id(number - 1),
            )
            for number in range(1, count + 1)
        )
        if layout is None:
            return FileInfo("Fake", images, metadata)
        plates = layout.plate_parts(_image_id)
        return FileInfo("Fake", images, metadata, screens=layout.screen_parts(), plates=plates)

    def open(self, path: Path, series: int) -> FakeSource:
        """Pixel data computed on the fly."""
        del series
        return _source(path, _keys(path)[0])


def _keys(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What the name and the companion say, and the companion's global metadata."""
    pairs = (part.partition("=") for part in path.name.removesuffix(".fake").split("&")[1:])
    keys = {key: value for key, _, value in pairs if key}
    companion = path.with_name(f"{path.name}.ini")
    if not companion.is_file():
        return keys, {}
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False, default_section="")
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string(f"[{_UNNAMED}]\n{companion.read_text('utf-8')}")
    except (IniError, UnicodeDecodeError) as error:
        raise ReadError(f"{companion.name} is not a file of key=value lines in UTF-8: {error}") from error
    metadata = dict(parser[_GLOBAL]) if parser.has_section(_GLOBAL) else {}
    return keys | dict(parser[_UNNAMED]), metadata


def _image_id(series: int) -> str:
    return f"Image:{series}"


def _number(keys: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = keys.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise ReadError(f"{name}={text} in the name of a .fake file: a number of at least {least} is needed")
    return int(text)


def _length(keys: Mapping[str, str], axis: str) -> Measure | None:
    try:
        return float(keys[f"physicalSize{axis}"]), "MICROMETER"
    except (KeyError, ValueError):
        return None


def _source(path: Path, keys: Mapping[str, str]) -> FakeSource:
    kind = PIXEL_TYPES.get(keys.get("pixelType", "uint8"))
    if kind is None:
        raise ReadError(f"{path.name}: pixelType={keys['pixelType']} is not one of {', '.join(PIXEL_TYPES)}")
    sizes = Dimensions(
        _number(keys, "sizeX", _SIZE),
        _number(keys, "sizeY", _SIZE),
        _number(keys, "sizeZ", 1),
        _number(keys, "sizeC", 1),
        _number(keys, "sizeT", 1),
    )
    return FakeSource(sizes, kind)


@dataclass(frozen=True, slots=True)
class FakeSource:
    """A `PixelSource` without a file."""

    dimensions: Dimensions
    type: PixelType

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """One level."""
        return ((self.dimensions.x, self.dimensions.y),)

    @property
    def tile_size(self) -> tuple[int, int]:
        """At most 512 pixels square."""
        return min(512, self.dimensions.x), min(512, self.dimensions.y)

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        """A gradient from left to right; boxes at the top left hold z, c and t."""
        del level
        low, high = self.type.range() if not self.type.floating else (0.0, 255.0)
        span = min(high - low, 255.0)
        x = np.arange(region.x, region.x + region.width)
        row = (x % (span + 1)).astype(self.type.dtype)
        plane = np.tile(row, (region.height, 1))
        for box, value in enumerate((z, c, t)):
            left = slice(max(0, box * _BOX - region.x), max(0, (box + 1) * _BOX - region.x))
            plane[: max(0, _BOX - region.y), left] = np.array(value % (span + 1)).astype(self.type.dtype)
        return plane

    def close(self) -> None:
        """Nothing to close."""
