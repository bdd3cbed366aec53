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


def rois_of(root: Element, image: Element) -> tuple[RoiInfo, ...]:
    """The ROIs that an image refers to, in its order; shapes of unknown kinds are left out."""
    wanted = references(image, "ROIRef")
    if not wanted:
        return ()
    known = {roi.get("ID", ""): roi for roi in children(root, "ROI")}
    return tuple(_roi(known[name]) for name in wanted if name in known)


def notes_of(root: Element, image: Element) -> tuple[NoteInfo, ...]:
    """The annotations that an image refers to, in its order; kinds without a value in OMERO are left out."""
    wanted = references(image, "AnnotationRef")
    if not wanted:
        return ()
    known = {note.get("ID", ""): note for group in children(root, "StructuredAnnotations") for note in group}
    found = (_note(known[name]) for name in wanted if name in known)
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
    if field == "mapValue":
        pairs = tuple((pair.get("K", ""), pair.text or "") for pair in children(value, "M"))
        return NoteInfo(local(note), note.get("Namespace"), text_of(note, "Description"), field, pairs)
    text = "".join(value.itertext()).strip()
    return NoteInfo(local(note), note.get("Namespace"), text_of(note, "Description"), field, text)
