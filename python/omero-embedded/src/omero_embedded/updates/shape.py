"""What saving needs to know of a class, prepared once: its table, its columns, what it points to and what points to it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_embedded.model.schema import SCHEMA, Collection, Field, ModelClass
from omero_embedded.store.tables import index_column, table_of

if TYPE_CHECKING:
    from sqlalchemy import Table


@dataclass(frozen=True, slots=True)
class Shape:
    """One concrete class with its fields sorted by how they are stored.

    `places` pairs each index column of the table with the field that points to the owner of the ordered collection.
    """

    cls: ModelClass
    table: Table
    plain: tuple[Field, ...]
    entities: tuple[Field, ...]
    maps: tuple[Field, ...]
    collections: tuple[Collection, ...]
    required: tuple[Field, ...]
    places: tuple[tuple[str, Field], ...]
    polymorphic: bool
    versioned: bool
    is_system: bool


@functools.cache
def shape_of(class_name: str) -> Shape:
    """The shape of a class of the model."""
    cls = SCHEMA[class_name]
    fields = tuple(cls.fields.values())
    table = table_of(class_name)
    return Shape(
        cls=cls,
        table=table,
        plain=tuple(field for field in fields if field.kind not in ("entity", "map")),
        entities=tuple(field for field in fields if field.kind == "entity"),
        maps=tuple(field for field in fields if field.kind == "map"),
        collections=tuple(cls.collections.values()),
        required=tuple(field for field in fields if not field.nullable),
        places=tuple(
            (column, field)
            for field in fields
            if (column := index_column(field.name)) in table.c and field.kind == "entity"
        ),
        polymorphic="discriminator" in table.c,
        versioned=cls.is_mutable,
        is_system=is_system_type(cls),
    )


def is_system_type(cls: ModelClass) -> bool:
    """Whether only administrators and the server itself make and change objects of this class."""
    return cls.is_global or cls.is_enum


@dataclass(frozen=True, slots=True)
class Reference:
    """A column through which objects of class `holder` point to an object."""

    holder: str
    field: Field

    @property
    def required(self) -> bool:
        """Whether the holder cannot be without it."""
        return not self.field.nullable


@functools.cache
def references_to(class_name: str) -> tuple[Reference, ...]:
    """Every field in the model that can point to an object of this class."""
    cls = SCHEMA[class_name]
    targets = {class_name, *cls.ancestors}
    return tuple(
        Reference(holder.name, field)
        for holder in SCHEMA.values()
        for field in holder.fields.values()
        if field.kind == "entity" and field.type in targets and field.declared_in == holder.name
    )
