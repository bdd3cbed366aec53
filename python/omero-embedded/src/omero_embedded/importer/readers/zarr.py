"""OME-Zarr (NGFF 0.1 to 0.4): one image of several resolutions in a folder of chunks.

Format: https://ngff.openmicroscopy.org/0.4/ (multiscales, omero).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import zarr

from omero_embedded.importer.metadata import ChannelInfo, FileInfo, ImageInfo, Measure, Rgba
from omero_embedded.importer.readers.arrays import ArraySource, Axes, pixel_type_of
from omero_embedded.importer.readers.base import ReadError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_UNITS = {
    "micrometer": "MICROMETER",
    "nanometer": "NANOMETER",
    "millimeter": "MILLIMETER",
    "meter": "METER",
    "angstrom": "ANGSTROM",
    "second": "SECOND",
    "millisecond": "MILLISECOND",
    "minute": "MINUTE",
}
_OLD_AXES = ("t", "c", "z", "y", "x")


class ZarrReader:
    """Reads a folder with multiscales; the fileset's main file is the `.zattrs` of its top."""

    name = "OME-Zarr"

    def main_file(self, paths: Sequence[Path]) -> Path | None:
        """The `.zattrs` nearest to the top."""
        found = [path for path in paths if path.name == ".zattrs"]
        return min(found, key=lambda path: len(path.parts), default=None)

    def describe(self, path: Path) -> FileInfo:
        """All images: one per group with multiscales."""
        attributes = _attributes(path)
        groups = _image_groups(path)
        images = tuple(_image(group, "" if len(groups) == 1 else group.name) for group in groups)
        return FileInfo("Zarr", images, {key: json.dumps(value)[:4000] for key, value in attributes.items()})

    def open(self, path: Path, series: int) -> ArraySource:
        """The arrays of one image."""
        groups = _image_groups(path)
        if series >= len(groups):
            raise ReadError(f"{path.parent.name} holds {len(groups)} images, not {series + 1}")
        arrays, axes = _arrays(groups[series])
        chunks = arrays[0].chunks
        tile = (chunks[axes.names.index("X")], chunks[axes.names.index("Y")])
        return ArraySource(arrays, axes, pixel_type_of(arrays[0].dtype), lambda: None, tile)


def _attributes(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReadError(f"{path.parent.name}/.zattrs cannot be read: {error}") from error
    return found if isinstance(found, dict) else {}


def _image_groups(path: Path) -> list[Path]:
    """Folders with multiscales: the top itself, or those inside it (a bioformats2raw collection, in its order)."""
    if "multiscales" in _attributes(path):
        return [path.parent]
    inside = [other.parent for other in path.parent.glob("*/.zattrs") if "multiscales" in _attributes(other)]
    if not inside:
        raise ReadError(f"{path.parent.name} has no multiscales: it is not an OME-Zarr image")
    return sorted(inside, key=lambda folder: (len(folder.name), folder.name))


def _arrays(folder: Path) -> tuple[list[Any], Axes]:
    scales = _attributes(folder / ".zattrs")["multiscales"][0]
    try:
        paths = [dataset["path"] for dataset in scales["datasets"]]
        arrays = [zarr.open_array(str(folder / path), mode="r") for path in paths]
    except (KeyError, TypeError, OSError, ValueError, zarr.errors.ArrayNotFoundError) as error:
        raise ReadError(f"{folder.name}: its arrays cannot be opened: {error}") from error
    if not arrays:
        raise ReadError(f"{folder.name}: multiscales without datasets")
    names = "".join(axis["name"] for axis in _axes_of(scales, arrays[0].ndim)).upper()
    if len(names) != arrays[0].ndim or set(names) - set("TCZYX") or not {"X", "Y"} <= set(names):
        raise ReadError(f"{folder.name}: axes {names} are not among t, c, z, y, x")
    return arrays, Axes(names, tuple(arrays[0].shape))


def _axes_of(scales: dict[str, Any], count: int) -> list[dict[str, str]]:
    """Axes with name and unit; 0.1 and 0.2 always have five without saying so, 0.3 only names them."""
    axes = scales.get("axes") or _OLD_AXES[-count:]
    return [axis if isinstance(axis, dict) else {"name": axis} for axis in axes]


def _image(folder: Path, name: str) -> ImageInfo:
    attributes = _attributes(folder / ".zattrs")
    arrays, axes = _arrays(folder)
    scales = attributes["multiscales"][0]
    measures = _measures(scales, axes)
    channels = attributes.get("omero", {}).get("channels", [])
    return ImageInfo(
        name=scales.get("name") or attributes.get("omero", {}).get("name") or name,
        dimensions=axes.dimensions,
        pixel_type=pixel_type_of(arrays[0].dtype).name,
        physical_size=(measures.get("X"), measures.get("Y"), measures.get("Z")),
        time_increment=measures.get("T"),
        channels=tuple(
            ChannelInfo(name=channel.get("label"), color=_color(channel.get("color")))
            for channel in channels[: axes.dimensions.c]
        ),
        metadata={"version": str(scales.get("version", ""))},
    )


def _measures(scales: dict[str, Any], axes: Axes) -> dict[str, Measure]:
    transforms = [
        *scales.get("datasets", [{}])[0].get("coordinateTransformations", []),
        *scales.get("coordinateTransformations", []),
    ]
    found: dict[str, Measure] = {}
    for position, axis in enumerate(_axes_of(scales, len(axes.names))):
        factor = 1.0
        for transform in transforms:
            if transform.get("type") == "scale" and len(transform["scale"]) > position:
                factor *= float(transform["scale"][position])
        unit = _UNITS.get(axis.get("unit", ""))
        if unit is not None:
            found[axis["name"].upper()] = (factor, unit)
    return found


def _color(text: str | None) -> Rgba | None:
    try:
        red, green, blue = bytes.fromhex((text or "")[:6])
    except ValueError:
        return None
    return red, green, blue, 255
