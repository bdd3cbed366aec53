"""One row of a table to one omero.model object, with everything that is the same for all rows prepared once per class."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.model import DetailsI
from omero.rtypes import rint, rlong

from omero_embedded.hql.sources import DETAIL_CLASSES, DETAILS
from omero_embedded.model.objects import set_field, wrap
from omero_embedded.model.schema import SCHEMA, Field, instance_class
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omero_embedded.security.context import Call

HIDDEN_KEY = "********"
_READ_ELSEWHERE = ("entity", "map")


@dataclass(frozen=True, slots=True)
class ReferenceColumn:
    """Where a row holds the id of another object, and where that object goes."""

    name: str
    attribute: str
    position: int
    target: str
    root: str


@dataclass(slots=True, eq=False)
class Loaded:
    """An object with the row it came from."""

    instance: Any
    builder: Builder
    row: Sequence[Any]

    @property
    def id(self) -> int:
        """The object's id."""
        return int(self.row[0])

    def set_map(self, name: str, pairs: list[tuple[str, str]]) -> None:
        """Set a map field."""
        set_field(self.instance, SCHEMA[self.builder.class_name].fields[name], pairs)


def _comes_along(root: str, reference: ReferenceColumn) -> bool:
    """Enumerations, and the ROI of a shape, which clients use without having asked for it."""
    return SCHEMA[reference.target].is_enum or (root == "Shape" and reference.name == "roi")


class Builder:
    """Makes the objects of one concrete class from rows of its table."""

    def __init__(self, class_name: str) -> None:
        cls = SCHEMA[class_name]
        implementation = instance_class(class_name) or instance_class(cls.concrete[0])
        assert implementation is not None
        self.class_name = class_name
        self.positions = {column.name: place for place, column in enumerate(TABLES[cls.root].c)}
        self.is_global = cls.is_global
        self.hides_key = cls.root == "Session"
        self.owner = self.positions.get("details_owner", -1)
        self.group = self.positions.get("details_group", -1)
        self.collections: Mapping[str, Any] = cls.collections
        self.maps = tuple(field.name for field in cls.fields.values() if field.kind == "map")
        self.references = tuple(
            self._reference(field) for field in cls.fields.values() if field.kind == "entity"
        )
        self.details = tuple(
            ReferenceColumn(
                name, f"_{name}", self.positions[column], DETAIL_CLASSES[name], DETAIL_CLASSES[name]
            )
            for name, column in DETAILS.items()
            if column in self.positions
        )
        self.eager = (
            *(reference for reference in self.references if _comes_along(cls.root, reference)),
            *(reference for reference in self.details if reference.name != "externalInfo"),
        )
        self._by_name = {reference.name: reference for reference in (*self.references, *self.details)}
        self._version = self.positions["version"] if cls.is_mutable else None
        self._readers = tuple(
            self._reader(field) for field in cls.fields.values() if field.kind not in _READ_ELSEWHERE
        )
        self._implementation = implementation
        self._empty = _attributes(implementation, loaded=True)
        self._unloaded = _attributes(implementation, loaded=False)
        self._details = dict(vars(DetailsI()))

    def reference(self, name: str) -> ReferenceColumn | None:
        """The to-one field of this name, details included."""
        return self._by_name.get(name)

    def build(self, row: Sequence[Any]) -> Loaded:
        """The object of a row; references are connected later. Shares are only told of by IShare: they stay unloaded."""
        if self.class_name == "Share":
            return Loaded(self.proxy(row[0]), self, row)
        instance = self._new(self._empty, row[0])
        values = instance.__dict__
        for attribute, position, read in self._readers:
            value = row[position]
            if value is not None:
                values[attribute] = read(row, value)
        if self._version is not None:
            values["_version"] = rint(row[self._version])
        details = object.__new__(DetailsI)
        details.__dict__.update(self._details)
        values["_details"] = details
        return Loaded(instance, self, row)

    def proxy(self, object_id: int) -> Any:
        """The unloaded object with this id."""
        return self._new(self._unloaded, object_id)

    def _new(self, attributes: Mapping[str, Any], object_id: int) -> Any:
        # The constructors of omero-py take ten times as long, and responses have thousands of objects.
        instance = object.__new__(self._implementation)
        instance.__dict__.update(attributes)
        instance.__dict__["_id"] = rlong(object_id)
        return instance

    def _reference(self, field: Field) -> ReferenceColumn:
        target = SCHEMA[field.type]
        return ReferenceColumn(
            field.name, f"_{field.name}", self.positions[field.column], target.name, target.root
        )

    def _reader(self, field: Field) -> tuple[str, int, Callable[[Sequence[Any], Any], Any]]:
        position = self.positions[field.column]
        if field.kind == "unit":
            unit = self.positions[f"{field.column}_unit"]
            return f"_{field.name}", position, lambda row, value: wrap(field, (value, row[unit]))
        if field.kind == "strings":
            return f"_{field.name}", position, lambda _row, value: json.loads(value)
        return f"_{field.name}", position, lambda _row, value: wrap(field, value)


def _attributes(implementation: type[Any], *, loaded: bool) -> dict[str, Any]:
    """What a new object of the class has, with unloaded collections."""
    sample = implementation(0, loaded)
    if loaded:
        sample.unloadCollections()
    return {name: value for name, value in vars(sample).items() if name not in ("_id", "_details")} | {
        "_details": None
    }


def sees_session_keys(call: Call) -> bool:
    """Whether the caller may read the keys of other users' sessions."""
    return "ReadSession" in call.caller.privileges


@functools.cache
def builder_of(class_name: str) -> Builder:
    """The builder of a class."""
    return Builder(class_name)
