"""Instruments, settings, screens and plates in OME-XML, as plain parts that refer to each other by id.

Format: https://docs.openmicroscopy.org/ome-model/latest/ (Instrument, SPW); also the <LightSource> that older files put
around each kind of light source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded.importer.metadata import PartInfo
from omero_embedded.importer.omexml_tree import child, children, local, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

    from omero_embedded.importer.metadata import NoteInfo

LIGHT_SOURCES = ("Laser", "Arc", "Filament", "LightEmittingDiode", "GenericExcitationSource")
_PARTS = {
    "Instrument": ("Microscope", "Objective", "Detector", *LIGHT_SOURCES, "Filter", "Dichroic", "FilterSet"),
    "Filter": ("TransmittanceRange",),
    "Screen": ("Reagent",),
    "Plate": ("Well", "PlateAcquisition"),
    "Well": ("WellSample",),
}
# Children that hold a short text, which OMERO keeps in a field.
_TEXTS = ("Description",)
_REFERENCES = {
    "Pump": "pump",
    "ExcitationFilterRef": "excitation",
    "EmissionFilterRef": "emission",
    "DichroicRef": "dichroic",
    "PlateRef": "plate",
    "ReagentRef": "reagent",
    "ImageRef": "image",
    "WellSampleRef": "sample",
}
_ALIASES = {"LightSourceSettings": "LightSettings"}


def part_of(element: Element, notes_of: Callable[[Element], tuple[NoteInfo, ...]] | None = None) -> PartInfo:
    """An element with what it consists of and refers to; `notes_of` finds the annotations of an element."""
    kind = local(element)
    texts = {name: found for name in _TEXTS if (found := text_of(element, name)) is not None}
    return PartInfo(
        kind=_ALIASES.get(kind, kind),
        id=element.get("ID", ""),
        values=dict(element.attrib) | texts,
        pairs=_pairs(element),
        parts=tuple(part_of(one, notes_of) for one in _elements(element, _PARTS.get(kind, ()))),
        refers=tuple((_REFERENCES[local(one)], one.get("ID", "")) for one in children(element, *_REFERENCES)),
        notes=notes_of(element) if notes_of is not None else (),
    )


def _elements(element: Element, names: tuple[str, ...]) -> Iterator[Element]:
    for one in element:
        if local(one) in names:
            yield one
        elif local(one) == "LightSource" and names:
            yield from _light_source(one)


def _light_source(wrapper: Element) -> Iterator[Element]:
    """The kind of light source inside, with the attributes of the wrapper."""
    for inner in children(wrapper, *LIGHT_SOURCES):
        for name, value in wrapper.attrib.items():
            inner.attrib.setdefault(name, value)
        yield inner


def _pairs(element: Element) -> tuple[tuple[str, str], ...]:
    held = child(element, "Map")
    return () if held is None else tuple((one.get("K", ""), one.text or "") for one in children(held, "M"))


def settings_of(channel: Element) -> dict[str, PartInfo]:
    """How a channel was taken, by the field of LogicalChannel that holds it."""
    found = {
        "detectorSettings": child(channel, "DetectorSettings"),
        "lightSourceSettings": child(channel, "LightSourceSettings"),
        "filterSet": child(channel, "FilterSetRef"),
        "lightPath": child(channel, "LightPath"),
    }
    return {name: part_of(element) for name, element in found.items() if element is not None}
