"""From parts that a reader found to objects of OMERO's model, by the fields that the model's classes have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded.importer.values import moment_ms, unit_name
from omero_embedded.model.objects import new, set_field
from omero_embedded.model.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omero_embedded.importer.metadata import PartInfo
    from omero_embedded.model.schema import Field

    Enum = Callable[[str, str], Any]

# OMERO's names (in lower case) where they are not those of OME-XML.
_RENAMED = {
    ("Detector", "offset"): "offsetvalue",
    ("DetectorSettings", "offset"): "offsetvalue",
    ("WellSample", "positionx"): "posx",
    ("WellSample", "positiony"): "posy",
    ("Plate", "fieldindex"): "defaultsample",
}
# The units that the schema gives to attributes without one; lengths of a stage are in its own frame of reference.
_DEFAULT_UNITS = {
    "wavelength": "nm",
    "repetitionRate": "Hz",
    "power": "mW",
    "voltage": "V",
    "workingDistance": "µm",
    "cutIn": "nm",
    "cutOut": "nm",
    "cutInTolerance": "nm",
    "cutOutTolerance": "nm",
    "readOutRate": "MHz",
    "temperature": "°C",
    "airPressure": "mbar",
}
_SPELLINGS = {"true": "1", "false": "0"}


def make_part(info: PartInfo, enum: Enum) -> Any:
    """A new object with the plain values and enumeration values of a part."""
    made = new(info.kind)
    fill(made, info.values, enum)
    if "map" in SCHEMA[info.kind].fields:
        made.setMap([omero.model.NamedValue(name, value) for name, value in info.pairs])
    return made


def fill(made: Any, values: Mapping[str, str], enum: Enum) -> None:
    """Set the fields that the values name; what is no value of a field's type is left out.

    Enumerations that must not be null get OMERO's word for what is not known.
    """
    cls = SCHEMA.of(made)
    by_name = {name.lower(): value for name, value in values.items()}
    renamed = {new_: old for (kind, old), new_ in _RENAMED.items() if kind == cls.name}
    for field in cls.fields.values():
        key = field.name.lower()
        written = by_name.get(renamed.get(key, key))
        if field.kind == "entity":
            is_enum = SCHEMA[field.type].is_enum
            if is_enum and (written is not None or not field.nullable):
                setattr(made, f"_{field.name}", enum(field.type, written or "Unknown"))
        elif written is not None and (value := _value(field, written, by_name)) is not None:
            set_field(made, field, value)


def _value(field: Field, written: str, by_name: Mapping[str, str]) -> Any:
    """The plain value of a text; None where it is none of the field's type."""
    try:
        if field.kind == "unit":
            symbol = by_name.get(f"{field.name.lower()}unit")
            unit = unit_name(field.type, symbol or _DEFAULT_UNITS.get(field.name, "reference frame"))
            return None if unit is None else (float(written), unit)
        return _READ[field.kind](written)
    except (KeyError, ValueError):
        return None


_READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "bool": lambda text: bool(int(_SPELLINGS.get(text.lower(), text))),
    "time": moment_ms,
}
