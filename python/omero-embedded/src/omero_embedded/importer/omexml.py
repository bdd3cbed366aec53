"""OME-XML to plain values; any schema version since 2008, in either spelling of its parts.

Format: https://docs.openmicroscopy.org/ome-model/latest/ (attributes, default units).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from omero_embedded.importer.metadata import ChannelInfo, FileInfo, ImageInfo, Measure, PlaneInfo
from omero_embedded.importer.omexml_notes import Notes
from omero_embedded.importer.omexml_parts import part_of, settings_of
from omero_embedded.importer.omexml_tree import child, children, integer, local, number, references, text_of
from omero_embedded.importer.values import moment_ms, rgba, unit_name
from omero_embedded.pixels.types import Dimensions

if TYPE_CHECKING:
    from collections.abc import Iterator

Element = ET.Element
_CHANNEL_ENUMS = {
    "AcquisitionMode": "mode",
    "IlluminationType": "illumination",
    "ContrastMethod": "contrastMethod",
}
_CHANNEL_VALUES = ("NDFilter", "PockelCellSetting")


class OmeXmlError(ValueError):
    """Text that is not usable OME-XML; the message says what is wrong."""


def parse(text: str | bytes) -> Element:
    """The root of an OME-XML document. Raises OmeXmlError."""
    try:
        root = ET.fromstring(text)  # noqa: S314 - expat expands no external entities
    except ET.ParseError as error:
        raise OmeXmlError(f"OME-XML cannot be parsed: {error}") from error
    if local(root) != "OME":
        raise OmeXmlError(f"OME-XML begins with <{local(root)}>, <OME> was expected")
    return root


def contents(root: Element) -> FileInfo:
    """Everything in the document that OMERO keeps. Raises OmeXmlError for missing sizes."""
    notes = Notes(root)
    found = list(children(root, "Image"))
    images = tuple(
        _image(image, notes, f"#{index + 1}" if len(found) > 1 else "") for index, image in enumerate(found)
    )
    return FileInfo(
        "OMETiff",
        images,
        instruments=tuple(part_of(one) for one in children(root, "Instrument")),
        screens=tuple(part_of(one, notes.of) for one in children(root, "Screen")),
        plates=tuple(part_of(one, notes.of) for one in children(root, "Plate")),
    )


def _image(image: Element, notes: Notes, name: str) -> ImageInfo:
    pixels = child(image, "Pixels")
    if pixels is None:
        raise OmeXmlError(f"image {image.get('ID')} has no <Pixels>")
    try:
        sizes = Dimensions(*(int(pixels.attrib[f"Size{axis}"]) for axis in "XYZCT"))
    except (KeyError, ValueError) as error:
        raise OmeXmlError(f"image {image.get('ID')}: bad or missing size ({error})") from error
    settings, environment = child(image, "ObjectiveSettings"), child(image, "ImagingEnvironment")
    return ImageInfo(
        name=image.get("Name") or name,
        dimensions=sizes,
        pixel_type=_pixel_type(pixels.get("Type") or pixels.get("PixelType") or "uint8"),
        order=pixels.get("DimensionOrder", "XYZCT"),
        description=text_of(image, "Description"),
        acquired_ms=moment_ms(
            text_of(image, "AcquisitionDate")
            or text_of(image, "AcquiredDate")
            or text_of(image, "CreationDate")
        ),
        significant_bits=integer(pixels, "SignificantBits"),
        physical_size=(
            _measure(pixels, "PhysicalSizeX", "µm"),
            _measure(pixels, "PhysicalSizeY", "µm"),
            _measure(pixels, "PhysicalSizeZ", "µm"),
        ),
        time_increment=_measure(pixels, "TimeIncrement", "s"),
        stage=_stage(image),
        channels=_channels(pixels, sizes.c),
        planes=tuple(_planes(pixels, sizes)),
        id=image.get("ID", ""),
        instrument=next(iter(references(image, "InstrumentRef")), None),
        objective=None if settings is None else part_of(settings),
        environment=None if environment is None else part_of(environment),
        rois=notes.rois_of(image),
        notes=notes.of(image),
        metadata={
            f"{local(part)} {key}": value for part in (image, pixels) for key, value in part.attrib.items()
        },
    )


def _pixel_type(name: str) -> str:
    return {"float": "float", "Uint8": "uint8", "Uint16": "uint16", "Uint32": "uint32"}.get(name, name)


def _measure(element: Element, name: str, default: str) -> Measure | None:
    value = number(element, name)
    symbol = element.get(f"{name}Unit", default)
    unit = unit_name("Length", symbol) or unit_name("Time", symbol)
    return None if value is None or unit is None else (value, unit)


def _positive(measure: Measure | None) -> Measure | None:
    return measure if measure is not None and measure[0] > 0 else None


def _stage(image: Element) -> tuple[str, Measure | None, Measure | None, Measure | None] | None:
    label = child(image, "StageLabel")
    if label is None:
        return None
    x, y, z = (_measure(label, axis, "reference frame") for axis in "XYZ")
    return label.get("Name", ""), x, y, z


def _channels(pixels: Element, count: int) -> tuple[ChannelInfo, ...]:
    """One entry per plane of colour: a channel of several samples counts as often as it has samples."""
    found: list[ChannelInfo] = []
    for channel in children(pixels, "Channel"):
        info = _channel(channel)
        found += [info] * info.samples
    return tuple(found[:count]) + (ChannelInfo(),) * (count - len(found))


def _channel(channel: Element) -> ChannelInfo:
    return ChannelInfo(
        name=channel.get("Name"),
        color=rgba(channel.get("Color")),
        emission=_positive(_measure(channel, "EmissionWavelength", "nm")),
        excitation=_positive(_measure(channel, "ExcitationWavelength", "nm")),
        fluor=channel.get("Fluor"),
        pinhole=_measure(channel, "PinholeSize", "µm"),
        samples=integer(channel, "SamplesPerPixel") or 1,
        enums={
            field: channel.attrib[name] for name, field in _CHANNEL_ENUMS.items() if name in channel.attrib
        },
        values={name: channel.attrib[name] for name in _CHANNEL_VALUES if name in channel.attrib},
        settings=settings_of(channel),
    )


def _planes(pixels: Element, sizes: Dimensions) -> Iterator[PlaneInfo]:
    for plane in children(pixels, "Plane"):
        z, c, t = (integer(plane, f"The{axis}") for axis in "ZCT")
        if z is None or c is None or t is None or not (z < sizes.z and c < sizes.c and t < sizes.t):
            continue
        yield PlaneInfo(
            z,
            c,
            t,
            _measure(plane, "DeltaT", "s"),
            _measure(plane, "ExposureTime", "s"),
            (
                _measure(plane, "PositionX", "reference frame"),
                _measure(plane, "PositionY", "reference frame"),
                _measure(plane, "PositionZ", "reference frame"),
            ),
        )
