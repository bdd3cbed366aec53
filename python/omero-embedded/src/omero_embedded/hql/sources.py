"""What a query reads from: one source per alias, and the scope that names them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omero_embedded.hql.syntax import Node
from omero_embedded.model.schema import SCHEMA, Collection, Field, ModelClass
from omero_embedded.store.tables import DETAIL_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

DETAILS = dict(zip(("owner", "group", "creationEvent", "updateEvent"), DETAIL_COLUMNS, strict=True)) | {
    "externalInfo": "details_external"
}
DETAIL_CLASSES = {
    "owner": "Experimenter",
    "group": "ExperimenterGroup",
    "creationEvent": "Event",
    "updateEvent": "Event",
    "externalInfo": "ExternalInfo",
}


@dataclass(frozen=True, slots=True)
class ToOne:
    """A reference held in the parent's columns (several where subclasses each declare the field)."""

    columns: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class ToMany:
    """The elements of a collection."""

    collection: Collection

    @property
    def target(self) -> str:
        """The class of the elements."""
        return self.collection.element

    @property
    def column(self) -> str:
        """The element's column that points back to the owner."""
        return SCHEMA[self.collection.element].fields[self.collection.inverse].column


@dataclass(frozen=True, slots=True)
class ToMap:
    """The name-value pairs of a map field; several tables where subclasses each declare it are not supported."""

    cls: str
    field: Field


@dataclass(slots=True, eq=False)
class Source:
    """One table of the query. `nullable` says that an outer join can leave it empty.

    `used` says that a column other than the id is read, `id_used` that the id is. `counts` names the collections whose
    elements are to be counted by owner.
    """

    name: str
    cls: ModelClass | None
    scope: Scope
    kind: str = "root"
    parent: Source | None = None
    link: ToOne | ToMany | ToMap | None = None
    fetch: bool = False
    nullable: bool = False
    condition: Node | None = None
    used: bool = False
    id_used: bool = False
    counts: list[str] = field(default_factory=list)

    @property
    def model(self) -> ModelClass:
        """The model class; only name-value pairs have none."""
        assert self.cls is not None
        return self.cls

    @property
    def origin(self) -> Source:
        """The first source of the chain of joins that this one belongs to."""
        if self.parent is None or self.parent.scope is not self.scope:
            return self
        return self.parent.origin


@dataclass(frozen=True, slots=True, eq=False)
class DetailsOf(Node):
    """The details of a source, on the way to one of their fields."""

    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class Entity(Node):
    """A whole object: an alias."""

    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class Attribute(Node):
    """A stored value; several columns where subclasses each declare the field."""

    source: Source
    columns: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Measure(Node):
    """A value with a unit; `type` is the unit class."""

    source: Source
    columns: tuple[str, ...]
    type: str


@dataclass(frozen=True, slots=True, eq=False)
class Reference(Node):
    """A to-one field as such: the id it holds."""

    source: Source
    link: ToOne


@dataclass(frozen=True, slots=True, eq=False)
class ManyOf(Node):
    """A collection or map of a source."""

    source: Source
    link: ToMany | ToMap


@dataclass(frozen=True, slots=True, eq=False)
class ClassOf(Node):
    """`x.class`."""

    source: Source


@dataclass(frozen=True, slots=True)
class ClassName(Node):
    """The name of a class used as a value."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Permissions(Node):
    """What the caller may do with a source's object."""

    source: Source


@dataclass(slots=True, eq=False)
class Scope:
    """The aliases of one query level."""

    outer: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    aliases: dict[str, Node] = field(default_factory=dict)
    implied: dict[tuple[int, tuple[str, ...], str], Source] = field(default_factory=dict)

    def levels(self) -> Iterator[Scope]:
        """This scope and the ones around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def add(self, source: Source) -> Source:
        """Take a source in, under a name that is unique in the whole statement."""
        depth = sum(1 for _ in self.levels())
        source.name = f"{source.name}_{depth}_{len(self.sources)}"
        self.sources.append(source)
        return source
