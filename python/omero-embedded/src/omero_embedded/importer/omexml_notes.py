"""ROIs and annotations in OME-XML: what people drew and wrote, as plain values.

Format: https://docs.openmicroscopy.org/ome-model/latest/ (ROI, StructuredAnnotations). Both are referred to by the image.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING

from omero_embedded.importer.metadata import NoteInfo, RoiInfo, ShapeInfo
from omero_embedded.importer.omexml_tree import child, children, local, references, text_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SHAPES = ("Rectangle", "Ellipse", "Point", "Line", "Polygon", "Polyline", "Label", "Mask")
NOTES = {
    "TagAnnotation": "textValue",
    "CommentAnnotation": "textValue",
    "XMLAnnotation": "textValue",
    "TermAnnotation": "termValue",
    "LongAnnotation": "longValue",
    "DoubleAnnotation": "doubleValue",
    "BooleanAnnotation": "boolValue",
    "MapAnnotation": "mapValue",
}
_MATRIX = ("A00", "A10", "A01", "A11", "A02", "A12")


class Notes:
    """The ROIs and annotations of a document, found by their ids."""

    def __init__(self, root: Element) -> None:
        self._rois = {roi.get("ID", ""): roi for roi in children(root, "ROI")}
        groups = children(root, "StructuredAnnotations")
        self._notes = {note.get("ID", ""): note for group in groups for note in group}

    def rois_of(self, image: Element) -> tuple[RoiInfo, ...]:
        """The ROIs that an image refers to, in its order; shapes of unknown kinds are left out."""
        return tuple(_roi(self._rois[name]) for name in references(image, "ROIRef") if name in self._rois)

    def of(self, element: Element) -> tuple[NoteInfo, ...]:
        """The annotations that an element refers to, in its order; kinds without a value in OMERO are left out."""
        wanted = references(element, "AnnotationRef")
        found = (_note(self._notes[name]) for name in wanted if name in self._notes)
        return tuple(note for note in found if note is not None)


def _roi(roi: Element) -> RoiInfo:
    shapes = [shape for union in children(roi, "Union") for shape in union if local(shape) in SHAPES]
    return RoiInfo(roi.get("Name"), text_of(roi, "Description"), tuple(_shape(shape) for shape in shapes))


def _shape(shape: Element) -> ShapeInfo:
    matrix = child(shape, "Transform")
    return ShapeInfo(
        kind=local(shape),
        values=dict(shape.attrib),
        transform=None if matrix is None else tuple(_number(matrix.get(name)) for name in _MATRIX),
        mask=_mask(shape) if local(shape) == "Mask" else None,
    )


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _mask(shape: Element) -> bytes | None:
    """The bits of a mask, one per pixel, row by row; None if they cannot be read."""
    data = child(shape, "BinData")
    if data is None or not data.text:
        return None
    try:
        packed = base64.b64decode(data.text)
        return zlib.decompress(packed) if data.get("Compression") == "zlib" else packed
    except (binascii.Error, zlib.error):
        return None


def _note(note: Element) -> NoteInfo | None:
    field = NOTES.get(local(note))
    value = child(note, "Value")
    if field is None or value is None:
        return None
    found: str | tuple[tuple[str, str], ...]
    if field == "mapValue":
        found = tuple((pair.get("K", ""), pair.text or "") for pair in children(value, "M"))
    else:
        found = "".join(value.itertext()).strip()
    description = text_of(note, "Description")
    return NoteInfo(local(note), note.get("Namespace"), description, field, found, note.get("ID", ""))
