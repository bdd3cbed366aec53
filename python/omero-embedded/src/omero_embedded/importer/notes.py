"""From ROIs and annotations that a reader found to objects of OMERO's model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rbool, rdouble, rint, rlong, rstring

from omero_embedded.model.objects import new, unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.importer.metadata import NoteInfo, RoiInfo, ShapeInfo

_GEOMETRY = ("X", "Y", "Width", "Height", "RadiusX", "RadiusY", "X1", "Y1", "X2", "Y2")
_PLACES = ("TheZ", "TheT", "TheC")
_TEXTS = {
    "Text": "TextValue",
    "Points": "Points",
    "MarkerStart": "MarkerStart",
    "MarkerEnd": "MarkerEnd",
    "FillRule": "FillRule",
    "FontFamily": "FontFamily",
    "FontStyle": "FontStyle",
    "StrokeDashArray": "StrokeDashArray",
}
_COLOURS = ("FillColor", "StrokeColor")
_LENGTHS = {"StrokeWidth": "PIXEL", "FontSize": "POINT"}
_LENGTH_UNITS = {"pixel": "PIXEL", "pt": "POINT", "µm": "MICROMETER", "nm": "NANOMETER", "mm": "MILLIMETER"}


def make_roi(info: RoiInfo) -> Any:
    """A Roi with its shapes, not saved yet. What a shape's class has no field for is left out."""
    roi = new("Roi")
    roi.setName(rstring(info.name) if info.name else None)
    roi.setDescription(rstring(info.description) if info.description else None)
    for shape in info.shapes:
        roi.addShape(_shape(shape))
    return roi


def _shape(info: ShapeInfo) -> Any:
    shape = new(info.kind)
    values = info.values
    for name in _GEOMETRY:
        _set(shape, name, values.get(name), lambda text: rdouble(float(text)))
    for name in (*_PLACES, *_COLOURS):
        _set(shape, name, values.get(name), lambda text: rint(int(text)))
    for name, field in _TEXTS.items():
        _set(shape, field, values.get(name), rstring)
    for name, default in _LENGTHS.items():
        _set(
            shape, name, values.get(name), _length(_LENGTH_UNITS.get(values.get(f"{name}Unit", ""), default))
        )
    if "Locked" in values:
        shape.setLocked(rbool(values["Locked"] == "true"))
    if info.transform is not None:
        matrix = new("AffineTransform")
        for name, number in zip(("A00", "A10", "A01", "A11", "A02", "A12"), info.transform, strict=True):
            getattr(matrix, f"set{name}")(rdouble(number))
        shape.setTransform(matrix)
    if info.mask is not None:
        shape.setBytes(info.mask)
    return shape


def _length(constant: str) -> Callable[[str], Any]:
    return lambda text: unit("Length", float(text), constant)


def _set(shape: Any, name: str, text: str | None, convert: Callable[[str], Any]) -> None:
    setter = getattr(shape, f"set{name}", None)
    if text is None or setter is None:
        return
    try:
        setter(convert(text))
    except ValueError:
        return  # the file says something that is no number; the rest of the shape is kept


def make_note(info: NoteInfo) -> Any | None:
    """An annotation, not saved yet; None if its value does not fit its kind."""
    note = new({"XMLAnnotation": "XmlAnnotation"}.get(info.kind, info.kind))
    note.setNs(rstring(info.namespace) if info.namespace else None)
    note.setDescription(rstring(info.description) if info.description else None)
    try:
        if isinstance(info.value, tuple):
            note.setMapValue([omero.model.NamedValue(name, value) for name, value in info.value])
        else:
            field = info.field
            getattr(note, f"set{field[0].upper()}{field[1:]}")(_VALUES.get(field, rstring)(info.value))
    except ValueError:
        return None
    return note


_VALUES: dict[str, Callable[[str], Any]] = {
    "longValue": lambda text: rlong(int(text)),
    "doubleValue": lambda text: rdouble(float(text)),
    "boolValue": lambda text: rbool(text.lower() == "true"),
}
