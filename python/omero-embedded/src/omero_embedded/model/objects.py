"""Reading and writing the fields of omero.model objects as plain Python values.

Plain values: int, float, str, bool, bytes; a time is its milliseconds since the epoch; a value with a unit is a pair
(value, name of the unit constant); a map is a list of (name, value) pairs; an entity is the omero.model object itself.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import omero
import omero.model
from omero.model import enums
from omero.rtypes import rbool, rdouble, rfloat, rint, rlong, rstring, rtime

from omero_embedded.model.schema import SCHEMA, Collection, Field, instance_class

if TYPE_CHECKING:
    from collections.abc import Callable

_WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "int": rint,
    "long": rlong,
    "float": rfloat,
    "double": rdouble,
    "bool": rbool,
    "string": rstring,
    "time": rtime,
}


def new(class_name: str, object_id: int | None = None) -> Any:
    """A loaded, empty object; its collections are loaded and empty."""
    implementation = instance_class(class_name)
    if implementation is None:
        raise TypeError(f"{class_name} is abstract")
    return implementation(object_id, True)


def proxy(class_name: str, object_id: int) -> Any:
    """An unloaded object that only knows its id; of a concrete subclass where the class itself is abstract."""
    name = SCHEMA[class_name].concrete[0] if SCHEMA[class_name].abstract else class_name
    return getattr(omero.model, f"{name}I")(object_id, False)


def get_field(instance: Any, field: Field) -> Any:
    """The field's plain value, None where it is null."""
    value = getattr(instance, f"_{field.name}")
    if value is None or field.kind == "entity":
        return value
    if field.kind == "unit":
        return (value.getValue(), value.getUnit().name)
    if field.kind == "map":
        return [(pair.name, pair.value) for pair in value if pair is not None]
    if field.kind in ("bytes", "strings"):
        return bytes(value) if field.kind == "bytes" else list(value)
    return value.getValue()


def set_field(instance: Any, field: Field, value: Any) -> None:
    """Set the field from a plain value (or an omero.model object for an entity)."""
    setattr(instance, f"_{field.name}", wrap(field, value))


def wrap(field: Field, value: Any) -> Any:
    """The Ice value of a plain value."""
    if value is None or field.kind == "entity":
        return value
    if field.kind == "unit":
        return unit(field.type, *value)
    if field.kind == "map":
        return [omero.model.NamedValue(name, text) for name, text in value]
    if field.kind in ("bytes", "strings"):
        return value
    return _WRAPPERS[field.kind](value)


def unit(class_name: str, value: float, unit_name: str) -> Any:
    """A value with its unit, e.g. unit("Length", 0.1, "MICROMETER")."""
    return _unit_class(class_name)(value, unit_constant(class_name, unit_name))


def unit_constant(class_name: str, unit_name: str) -> Any:
    """The Ice constant of a unit name such as MICROMETER."""
    return getattr(getattr(enums, f"Units{class_name}"), unit_name)


@functools.cache
def _unit_class(class_name: str) -> Any:
    return getattr(omero.model, f"{class_name}I")


def get_collection(instance: Any, collection: Collection) -> list[Any] | None:
    """The elements, or None where the collection is not loaded."""
    if not getattr(instance, f"_{collection.name}Loaded"):
        return None
    return [element for element in getattr(instance, f"_{collection.name}Seq") if element is not None]


def set_collection(instance: Any, collection: Collection, elements: list[Any]) -> None:
    """Make the collection loaded, with these elements."""
    setattr(instance, f"_{collection.name}Seq", elements)
    setattr(instance, f"_{collection.name}Loaded", True)
