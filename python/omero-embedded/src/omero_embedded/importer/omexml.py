"""OME-XML to plain values; any schema version since 2008, in either spelling of its parts.

Format: https://docs.openmicroscopy.org/ome-model/latest/ (attributes, default units).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from omero_embedded.importer.metadata import ChannelInfo, ImageInfo, Measure, ObjectiveInfo, PlaneInfo, Rgba
from omero_embedded.importer.omexml_notes import notes_of, rois_of
from omero_embedded.importer.omexml_tree import child, children, integer, local, number, text_of
from omero_embedded.pixels.types import Dimensions

if TYPE_CHECKING:
    from collections.abc import Iterator

Element = ET.Element
_UNITS = {
    "nm": "NANOMETER",
    "µm": "MICROMETER",
    "μm": "MICROMETER",
    "um": "MICROMETER",
    "mm": "MILLIMETER",
    "cm": "CENTIMETER",
    "m": "METER",
    "Å": "ANGSTROM",
    "pm": "PICOMETER",
    "in": "INCH",
    "pixel": "PIXEL",
    "reference frame": "REFERENCEFRAME",
    "s": "SECOND",
    "ms": "MILLISECOND",
    "µs": "MICROSECOND",
    "μs": "MICROSECOND",
    "ns": "NANOSECOND",
    "min": "MINUTE",
    "h": "HOUR",
    "d": "DAY",
}
_CHANNEL_ENUMS = {
    "AcquisitionMode": "mode",
    "IlluminationType": "illumination",
    "ContrastMethod": "contrastMethod",
}


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


def images(root: Element) -> list[ImageInfo]:
    """All images of the document. Raises OmeXmlError for missing sizes."""
    objectives = {
        objective.get("ID", ""): _objective(objective)
        for instrument in children(root, "Instrument")
        for objective in children(instrument, "Objective")
    }
    found = list(children(root, "Image"))
    return [
        _image(root, image, objectives, f"#{index + 1}" if len(found) > 1 else "")
        for index, image in enumerate(found)
    ]


def _image(root: Element, image: Element, objectives: dict[str, ObjectiveInfo], name: str) -> ImageInfo:
    pixels = child(image, "Pixels")
    if pixels is None:
        raise OmeXmlError(f"image {image.get('ID')} has no <Pixels>")
    try:
        sizes = Dimensions(*(int(pixels.attrib[f"Size{axis}"]) for axis in "XYZCT"))
    except (KeyError, ValueError) as error:
        raise OmeXmlError(f"image {image.get('ID')}: bad or missing size ({error})") from error
    settings = child(image, "ObjectiveSettings")
    return ImageInfo(
        name=image.get("Name") or name,
        dimensions=sizes,
        pixel_type=_pixel_type(pixels.get("Type") or pixels.get("PixelType") or "uint8"),
        order=pixels.get("DimensionOrder", "XYZCT"),
        description=text_of(image, "Description"),
        acquired_ms=_time(
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
        objective=None if settings is None else objectives.get(settings.get("ID", "")),
        rois=rois_of(root, image),
        notes=notes_of(root, image),
        metadata={
            f"{local(part)} {key}": value for part in (image, pixels) for key, value in part.attrib.items()
        },
    )


def _pixel_type(name: str) -> str:
    return {"float": "float", "Uint8": "uint8", "Uint16": "uint16", "Uint32": "uint32"}.get(name, name)


def _measure(element: Element, name: str, default: str) -> Measure | None:
    value = number(element, name)
    unit = _UNITS.get(element.get(f"{name}Unit", default))
    return None if value is None or unit is None else (value, unit)


def _positive(measure: Measure | None) -> Measure | None:
    return measure if measure is not None and measure[0] > 0 else None


def _time(text: str | None) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


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
        color=_color(channel.get("Color")),
        emission=_positive(_measure(channel, "EmissionWavelength", "nm")),
        excitation=_positive(_measure(channel, "ExcitationWavelength", "nm")),
        fluor=channel.get("Fluor"),
        pinhole=_measure(channel, "PinholeSize", "µm"),
        samples=integer(channel, "SamplesPerPixel") or 1,
        enums={
            field: channel.attrib[name] for name, field in _CHANNEL_ENUMS.items() if name in channel.attrib
        },
    )


def _color(text: str | None) -> Rgba | None:
    """RGBA in one number, which older writers give as signed."""
    try:
        number = int(text or "") & 0xFFFFFFFF
    except ValueError:
        return None
    red, green, blue, alpha = number.to_bytes(4, "big")
    return red, green, blue, alpha


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


def _objective(objective: Element) -> ObjectiveInfo:
    return ObjectiveInfo(
        model=objective.get("Model"),
        manufacturer=objective.get("Manufacturer"),
        magnification=number(objective, "NominalMagnification"),
        numerical_aperture=number(objective, "LensNA"),
        immersion=objective.get("Immersion"),
        correction=objective.get("Correction"),
    )
