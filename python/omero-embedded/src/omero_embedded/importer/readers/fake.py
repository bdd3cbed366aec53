"""Bio-Formats' test format: a `.fake` file whose name says what images it stands for, e.g. `a&sizeC=3&series=2.fake`.

More of it may stand in a file `a.fake.ini` beside it: the same keys, in sections [series_0], … channels and planes of one
image, and in [GlobalMetadata] original metadata.

Format: https://bio-formats.readthedocs.io/en/latest/developers/generating-test-images.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.importer.metadata import FileInfo, ImageInfo, PartInfo
from omero_embedded.importer.readers.base import ReadError, by_suffix
from omero_embedded.importer.readers.fake_companion import measure, read_keys
from omero_embedded.importer.readers.fake_images import PlaneOrder, acquired_ms, channels_of, planes_of
from omero_embedded.importer.readers.fake_plates import layout_of
from omero_embedded.pixels.types import PIXEL_TYPES, Dimensions, PixelType, Plane, Region

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omero_embedded.importer.readers.fake_companion import Said

MAX_SERIES = 10_000
_SIZE = 512
_BOX = 10
_INSTRUMENT = "Instrument:0"


class FakeReader:
    """Makes gradients with the plane's indices drawn into the first boxes, as Bio-Formats does."""

    name = "Fake"

    def main_file(self, paths: Sequence[Path]) -> Path | None:
        """The first `.fake` file."""
        return by_suffix(paths, (".fake",))

    def describe(self, path: Path) -> FileInfo:
        """As many images of one size as the name says, in the wells of plates if it names any."""
        said = read_keys(path)
        layout = layout_of(lambda name: said.number(name, 0, least=0))
        count = said.number("series", 1) if layout is None else layout.images
        if not 1 <= count <= MAX_SERIES:
            raise ReadError(f"{path.name}: {count} images are not between 1 and {MAX_SERIES}")
        title = path.name.removesuffix(".fake").partition("&")[0]
        images = tuple(_image(path, said, title, series) for series in range(count))
        instruments = (PartInfo("Instrument", id=_INSTRUMENT),) if said.flag("withInstrument") else ()
        if layout is None:
            return FileInfo("Fake", images, said.metadata, instruments)
        plates = layout.plate_parts(_image_id)
        return FileInfo("Fake", images, said.metadata, instruments, layout.screen_parts(), plates)

    def open(self, path: Path, series: int) -> FakeSource:
        """Pixel data computed on the fly."""
        return _source(path, read_keys(path), series)


def _image(path: Path, said: Said, title: str, series: int) -> ImageInfo:
    source = _source(path, said, series)
    return ImageInfo(
        name=f"{title} {series + 1}" if series else title,
        dimensions=source.dimensions,
        pixel_type=source.type.name,
        order=source.order.name,
        acquired_ms=acquired_ms(said),
        physical_size=(_length(said, "X"), _length(said, "Y"), _length(said, "Z")),
        channels=channels_of(said, series, source.dimensions.c),
        planes=planes_of(said, series, source.order),
        id=_image_id(series),
        instrument=_INSTRUMENT if said.flag("withInstrument") else None,
    )


def _image_id(series: int) -> str:
    return f"Image:{series}"


def _length(said: Said, axis: str) -> tuple[float, str] | None:
    return measure(said.keys.get(f"physicalSize{axis}"), "Length", "µm")


def _source(path: Path, said: Said, series: int) -> FakeSource:
    kind = PIXEL_TYPES.get(said.keys.get("pixelType", "uint8"))
    if kind is None:
        raise ReadError(
            f"{path.name}: pixelType={said.keys['pixelType']} is not one of {', '.join(PIXEL_TYPES)}"
        )
    sizes = Dimensions(
        said.number("sizeX", _SIZE),
        said.number("sizeY", _SIZE),
        said.number("sizeZ", 1),
        said.number("sizeC", 1),
        said.number("sizeT", 1),
    )
    order = PlaneOrder(said.keys.get("dimOrder", "XYZCT").upper(), sizes)
    return FakeSource(
        sizes, kind, order, series, said.number("resolutions", 1), said.number("resolutionScale", 2)
    )


@dataclass(frozen=True, slots=True)
class FakeSource:
    """A `PixelSource` without a file."""

    dimensions: Dimensions
    type: PixelType
    order: PlaneOrder
    series: int = 0
    resolutions: int = 1
    scale: int = 2

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """As many as were asked for, each smaller by the same factor."""
        sizes = self.dimensions
        factors = [self.scale**level for level in range(self.resolutions)]
        return tuple((max(1, sizes.x // factor), max(1, sizes.y // factor)) for factor in factors)

    @property
    def tile_size(self) -> tuple[int, int]:
        """At most 512 pixels square."""
        return min(512, self.dimensions.x), min(512, self.dimensions.y)

    def read(self, z: int, c: int, t: int, region: Region, level: int = 0) -> Plane:
        """A gradient from left to right; boxes at the top left hold series, plane, z, c and t.

        Whole numbers start with the type's smallest value and wrap; a smaller resolution has a gradient of its own.
        """
        del level
        smallest = 0 if self.type.floating else int(self.type.range()[0])
        row = self._values(smallest + np.arange(region.x, region.x + region.width))
        plane = np.tile(row, (region.height, 1))
        for box, value in enumerate((self.series, self.order.number(z, c, t), z, c, t)):
            left = slice(max(0, box * _BOX - region.x), max(0, (box + 1) * _BOX - region.x))
            plane[: max(0, _BOX - region.y), left] = self._values(np.array(value))
        return plane

    def _values(self, numbers: Plane) -> Plane:
        return (numbers % 2 if self.type.name == "bit" else numbers).astype(self.type.dtype)

    def close(self) -> None:
        """Nothing to close."""
