"""Images as OME-XML, with their real metadata. Format: OME data model, schema 2016-06."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded import errors
from omero_embedded.hql.run import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from omero_embedded.security.context import Call

NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
_SCHEMA_LOCATION = f"{NAMESPACE} {NAMESPACE}/ome.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

_IMAGE_QUERY = """
select i from Image as i
left outer join fetch i.details.owner
left outer join fetch i.pixels as p
left outer join fetch p.pixelsType
left outer join fetch p.channels as c
left outer join fetch c.logicalChannel as lc
left outer join fetch lc.mode
left outer join fetch lc.illumination
left outer join fetch lc.contrastMethod
where i.id = :id
"""
_PLANES_QUERY = "select info from PlaneInfo as info where info.pixels.id = :id order by info.id"
_ANNOTATIONS_QUERY = """
select ann from ImageAnnotationLink as link join link.child as ann where link.parent.id = :id order by ann.id
"""


def document(call: Call, image_ids: Iterable[int], *, with_pixels: bool) -> bytes:
    """OME-XML of images; `with_pixels` says that the planes follow in the same TIFF file, in the order XYZCT.

    Raises ValidationException for an image that the caller cannot see.
    """
    root = ET.Element("OME", {"xmlns": NAMESPACE, "xmlns:xsi": _XSI, "xsi:schemaLocation": _SCHEMA_LOCATION})
    images = [_load(call, image_id) for image_id in image_ids]
    _experimenters(root, images)
    annotations = _Annotations()
    first_ifd = 0
    for image in images:
        first_ifd += _image(call, root, image, annotations, first_ifd if with_pixels else None)
    annotations.write(root)
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _load(call: Call, image_id: int) -> Any:
    found = objects(call, _IMAGE_QUERY, {"id": image_id})
    if not found:
        raise errors.validation(f"no Image:{image_id} that {call.caller.user_name} can see in this group")
    if found[0].sizeOfPixels() < 1:
        raise errors.validation(f"Image:{image_id} has no pixels to export")
    return found[0]


def _experimenters(root: ET.Element, images: Iterable[Any]) -> None:
    owners = {owner.getId().getValue(): owner for image in images if (owner := image.getDetails().getOwner())}
    for owner_id, owner in sorted(owners.items()):
        names = {"ID": f"Experimenter:{owner_id}"}
        if owner.isLoaded():
            values = zip(
                ("UserName", "FirstName", "LastName", "Institution"),
                (owner.getOmeName(), owner.getFirstName(), owner.getLastName(), owner.getInstitution()),
                strict=True,
            )
            names |= {name: _text(value) for name, value in values if value is not None and _text(value)}
        ET.SubElement(root, "Experimenter", names)


def _image(call: Call, root: ET.Element, image: Any, annotations: _Annotations, first_ifd: int | None) -> int:
    """Add an image; the number of its planes."""
    image_id = image.getId().getValue()
    element = ET.SubElement(root, "Image", {"ID": f"Image:{image_id}", "Name": _text(image.getName())})
    acquired = image.getAcquisitionDate()
    if acquired is not None and acquired.getValue() > 0:
        moment = datetime.fromtimestamp(acquired.getValue() / 1000, UTC)
        ET.SubElement(element, "AcquisitionDate").text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    owner = image.getDetails().getOwner()
    if owner is not None:
        ET.SubElement(element, "ExperimenterRef", {"ID": f"Experimenter:{owner.getId().getValue()}"})
    if image.getDescription() is not None and _text(image.getDescription()):
        ET.SubElement(element, "Description").text = _text(image.getDescription())
    pixels = image.getPrimaryPixels()
    planes = _pixels(call, element, pixels, first_ifd)
    for annotation in objects(call, _ANNOTATIONS_QUERY, {"id": image_id}):
        reference = annotations.add(annotation)
        if reference is not None:
            ET.SubElement(element, "AnnotationRef", {"ID": reference})
    return planes


def _pixels(call: Call, parent: ET.Element, pixels: Any, first_ifd: int | None) -> int:
    pixels_id = pixels.getId().getValue()
    attributes = {
        "ID": f"Pixels:{pixels_id}",
        "DimensionOrder": "XYZCT",
        "Type": _text(pixels.getPixelsType().getValue()),
        "BigEndian": "true",
    }
    sizes = {axis: int(getattr(pixels, f"getSize{axis}")().getValue()) for axis in "XYZCT"}
    attributes |= {f"Size{axis}": str(size) for axis, size in sizes.items()}
    if pixels.getSignificantBits() is not None:
        attributes["SignificantBits"] = str(pixels.getSignificantBits().getValue())
    for name in ("PhysicalSizeX", "PhysicalSizeY", "PhysicalSizeZ", "TimeIncrement"):
        attributes |= _unit(name, getattr(pixels, f"get{name}")())
    element = ET.SubElement(parent, "Pixels", attributes)
    for index, channel in enumerate(pixels.copyChannels()):
        _channel(element, f"Channel:{pixels_id}:{index}", channel)
    count = sizes["Z"] * sizes["C"] * sizes["T"]
    if first_ifd is None:
        ET.SubElement(element, "MetadataOnly")
    else:
        ET.SubElement(element, "TiffData", {"IFD": str(first_ifd), "PlaneCount": str(count)})
    for info in objects(call, _PLANES_QUERY, {"id": pixels_id}):
        _plane(element, info)
    return count


def _channel(parent: ET.Element, channel_id: str, channel: Any) -> None:
    attributes = {"ID": channel_id, "SamplesPerPixel": "1"}
    parts = [channel.getRed(), channel.getGreen(), channel.getBlue(), channel.getAlpha()]
    if None not in parts:
        red, green, blue, alpha = (part.getValue() for part in parts)
        packed = red << 24 | green << 16 | blue << 8 | alpha
        attributes["Color"] = str(packed - (1 << 32) if packed >= 1 << 31 else packed)
    logical = channel.getLogicalChannel()
    for name, value in (("Name", logical.getName()), ("Fluor", logical.getFluor())):
        if value is not None:
            attributes[name] = _text(value)
    for name, value in (
        ("AcquisitionMode", logical.getMode()),
        ("IlluminationType", logical.getIllumination()),
        ("ContrastMethod", logical.getContrastMethod()),
    ):
        if value is not None and value.isLoaded():
            attributes[name] = _text(value.getValue())
    attributes |= _unit("EmissionWavelength", logical.getEmissionWave())
    attributes |= _unit("ExcitationWavelength", logical.getExcitationWave())
    attributes |= _unit("PinholeSize", logical.getPinHoleSize())
    if logical.getNdFilter() is not None:
        attributes["NDFilter"] = str(logical.getNdFilter().getValue())
    ET.SubElement(parent, "Channel", attributes)


def _plane(parent: ET.Element, info: Any) -> None:
    attributes = {f"The{axis}": str(getattr(info, f"getThe{axis}")().getValue()) for axis in "ZTC"}
    for name in ("DeltaT", "ExposureTime", "PositionX", "PositionY", "PositionZ"):
        attributes |= _unit(name, getattr(info, f"get{name}")())
    ET.SubElement(parent, "Plane", attributes)


def _unit(name: str, value: Any) -> dict[str, str]:
    if value is None:
        return {}
    return {name: repr(value.getValue()), f"{name}Unit": value.getSymbol()}


def _text(value: Any) -> str:
    """The text of an rstring without characters that XML cannot hold."""
    text = str(value.getValue()) if value is not None else ""
    return "".join(letter for letter in text if letter in "\t\n\r" or letter >= " ")


class _Annotations:
    """Annotations of a document, each written once."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[str, Any]] = {}

    def add(self, annotation: Any) -> str | None:
        """Its id in the document, None for a kind that the schema (or this export) does not know."""
        kind = next((name for cls, name, _ in _ANNOTATION_KINDS if isinstance(annotation, cls)), None)
        if kind is None:
            return None
        annotation_id = int(annotation.getId().getValue())
        self._found[annotation_id] = (kind, annotation)
        return f"Annotation:{annotation_id}"

    def write(self, root: ET.Element) -> None:
        """Add all of them, in the order of kinds that the schema wants."""
        if not self._found:
            return
        parent = ET.SubElement(root, "StructuredAnnotations")
        for _, kind, fill in _ANNOTATION_KINDS:
            for annotation_id, (found, annotation) in sorted(self._found.items()):
                if found == kind:
                    self._write_one(parent, annotation_id, kind, annotation, fill)

    def _write_one(
        self,
        parent: ET.Element,
        annotation_id: int,
        kind: str,
        annotation: Any,
        fill: Callable[[ET.Element, Any], None],
    ) -> None:
        attributes = {"ID": f"Annotation:{annotation_id}"}
        if annotation.getNs() is not None:
            attributes["Namespace"] = _text(annotation.getNs())
        element = ET.SubElement(parent, kind, attributes)
        if annotation.getDescription() is not None:
            ET.SubElement(element, "Description").text = _text(annotation.getDescription())
        fill(ET.SubElement(element, "Value"), annotation)


def _plain(getter: str) -> Callable[[ET.Element, Any], None]:
    def fill(value: ET.Element, annotation: Any) -> None:
        found = getattr(annotation, getter)()
        if found is not None:
            content = found.getValue()
            value.text = str(content).lower() if isinstance(content, bool) else _text(found)

    return fill


def _xml_value(value: ET.Element, annotation: Any) -> None:
    """The annotation's own elements where they are well-formed, else its text."""
    text = _text(annotation.getTextValue())
    try:
        value.append(ET.fromstring(text))  # noqa: S314 - expat limits what entities expand to
    except ET.ParseError:
        value.text = text


def _map_value(value: ET.Element, annotation: Any) -> None:
    for name, content in _pairs(annotation):
        ET.SubElement(value, "M", {"K": name}).text = content


def _pairs(annotation: Any) -> Iterator[tuple[str, str]]:
    for pair in annotation.getMapValue() or ():
        if pair is not None:
            yield pair.name, pair.value


_ANNOTATION_KINDS: tuple[tuple[Any, str, Callable[[ET.Element, Any], None]], ...] = (
    (omero.model.XmlAnnotation, "XMLAnnotation", _xml_value),
    (omero.model.LongAnnotation, "LongAnnotation", _plain("getLongValue")),
    (omero.model.DoubleAnnotation, "DoubleAnnotation", _plain("getDoubleValue")),
    (omero.model.CommentAnnotation, "CommentAnnotation", _plain("getTextValue")),
    (omero.model.BooleanAnnotation, "BooleanAnnotation", _plain("getBoolValue")),
    (omero.model.TagAnnotation, "TagAnnotation", _plain("getTextValue")),
    (omero.model.TermAnnotation, "TermAnnotation", _plain("getTermValue")),
    (omero.model.MapAnnotation, "MapAnnotation", _map_value),
)
