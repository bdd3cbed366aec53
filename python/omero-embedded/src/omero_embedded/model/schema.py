"""The OMERO model as a schema: classes with typed fields and collections, derived from omero-py alone."""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass, field
from typing import Any

import omero
import omero.all
import omero.model

from omero_embedded.model.descriptors import Descriptors, read_descriptors, short_name

SCALARS = {
    "_M_omero._t_RInt": "int",
    "_M_omero._t_RLong": "long",
    "_M_omero._t_RFloat": "float",
    "_M_omero._t_RDouble": "double",
    "_M_omero._t_RBool": "bool",
    "_M_omero._t_RString": "string",
    "_M_omero._t_RTime": "time",
    "_M_Ice._t_ByteSeq": "bytes",
    "_M_omero.api._t_StringArray": "strings",
    "_M_omero.api._t_NamedValueList": "map",
}
_HOUSEKEEPING = {"_id", "_details", "_loaded", "_version"}


class UnknownClassError(KeyError):
    """No such class in the OMERO model."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Field:
    """A to-one or scalar field; `kind` is one of int, long, float, double, bool, string, time, bytes, strings, entity, unit, map.

    `type` names the target class of an entity or unit field, `column` the column that stores the value.
    """

    name: str
    kind: str
    type: str
    nullable: bool
    declared_in: str
    column: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A to-many field: elements of class `element`, whose field `inverse` points back here."""

    name: str
    element: str
    inverse: str
    ordered: bool
    declared_in: str


@dataclass(slots=True)
class ModelClass:
    """One class of the OMERO model; fields and collections include the inherited ones."""

    name: str
    parent: str | None
    root: str
    abstract: bool
    is_global: bool
    is_mutable: bool
    is_link: bool
    is_enum: bool
    is_annotatable: bool
    java_name: str
    ancestors: tuple[str, ...]
    fields: dict[str, Field] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    subclasses: tuple[str, ...] = ()
    _subclass_fields: dict[str, list[Field]] = field(default_factory=dict)

    @property
    def concrete(self) -> tuple[str, ...]:
        """Names of this class and its subclasses that objects can have."""
        return tuple(name for name in (self.name, *self.subclasses) if not SCHEMA[name].abstract)

    @property
    def polymorphic(self) -> bool:
        """Whether rows of this class share their table with other classes."""
        return bool(SCHEMA[self.root].subclasses)

    def subclass_fields(self, name: str) -> list[Field]:
        """The fields called `name` that subclasses declare (HQL reaches them through an alias of the base)."""
        return self._subclass_fields.get(name, [])

    def is_a(self, name: str) -> bool:
        """Whether objects of this class are also of class `name`."""
        return name == self.name or name in self.ancestors


class Schema(dict[str, ModelClass]):
    """All classes by name."""

    def __missing__(self, name: str) -> ModelClass:
        close = difflib.get_close_matches(name, list(self), n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise UnknownClassError(f"{name} is not a class of the OMERO model{hint}")

    def resolve(self, name: str) -> ModelClass:
        """The class for any spelling that clients use: Dataset, DatasetI, omero.model.Dataset, ome.model.containers.Dataset.

        Raises UnknownClassError.
        """
        short = name.rpartition(".")[2].rpartition(":")[2]
        if short in self:
            return self[short]
        if short.endswith("I") and short[:-1] in self:
            return self[short[:-1]]
        return self[_by_lower_case().get(short.lower(), short)]

    def of(self, instance: Any) -> ModelClass:
        """The class of an omero.model object."""
        return self.resolve(instance.ice_id())


@functools.cache
def _by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in SCHEMA}


def instance_class(name: str) -> type[Any] | None:
    """omero-py's implementation of a model class, None for abstract ones."""
    found = getattr(omero.model, f"{name}I", None)
    return found if isinstance(found, type) else None


def _build() -> Schema:
    descriptors = read_descriptors()
    entities = [name for name in descriptors.classes if "IObject" in _ancestors(name, descriptors)]
    schema = Schema()
    for name in sorted(entities, key=lambda entity: len(_ancestors(entity, descriptors))):
        _add_class(schema, name, entities, descriptors)
    for cls in schema.values():
        cls.subclasses = tuple(sorted(other.name for other in schema.values() if cls.name in other.ancestors))
    for cls in schema.values():
        for other in cls.subclasses:
            for own in schema[other].fields.values():
                if own.declared_in == other:
                    cls._subclass_fields.setdefault(own.name, []).append(own)
    return schema


def _ancestors(name: str, descriptors: Descriptors) -> tuple[str, ...]:
    base = descriptors.classes[name].base
    return () if base is None else (base, *_ancestors(base, descriptors))


def _add_class(schema: Schema, name: str, entities: list[str], descriptors: Descriptors) -> None:
    ancestors = tuple(a for a in _ancestors(name, descriptors) if a != "IObject")
    implementation = instance_class(name)
    members = descriptors.classes[name].members
    names = {member for member, _ in members}
    parent = schema[ancestors[0]] if ancestors else None
    sample = (implementation or _any_concrete(name))()
    cls = ModelClass(
        name=name,
        parent=ancestors[0] if ancestors else None,
        root=ancestors[-1] if ancestors else name,
        abstract=implementation is None,
        is_global=sample.isGlobal(),
        is_mutable="_version" in names or bool(parent and parent.is_mutable),
        is_link=sample.isLink(),
        is_enum="_value" in names and names <= {"_value", "_bitSize"},
        is_annotatable="_annotationLinksSeq" in names or bool(parent and parent.is_annotatable),
        java_name=_java_name(sample, name),
        ancestors=ancestors,
        fields=dict(parent.fields) if parent else {},
        collections=dict(parent.collections) if parent else {},
    )
    schema[name] = cls
    for member, slice_type in members:
        made = _field(cls, member, slice_type, entities)
        if made is not None:
            cls.fields[made.name] = made
    for collection in _collections(cls, members, descriptors):
        cls.collections[collection.name] = collection


def _field(cls: ModelClass, member: str, slice_type: str, entities: list[str]) -> Field | None:
    if member in _HOUSEKEEPING or not member.startswith("_"):
        return None
    name = member.removeprefix("_")
    target = short_name(slice_type)
    if slice_type in SCALARS:
        kind = SCALARS[slice_type]
    elif slice_type.startswith("_M_omero.model._t_") and not target.endswith("Seq"):
        kind = "entity" if target in entities else "unit"
    else:
        return None
    column = name.lower() if cls.parent is None else f"{cls.name}_{name}".lower()
    return Field(name, kind, target, _nullable(cls.name, name), cls.name, column)


def _nullable(cls: str, name: str) -> bool:
    implementation = instance_class(cls)
    info = getattr(getattr(implementation, "_field_info", None), name, None)
    return True if info is None else bool(info.nullable)


def _java_name(sample: Any, name: str) -> str:
    """The class name that OMERO's server uses, e.g. ome.model.containers.Dataset; omero-py carries the package in its constants."""
    package = str(sample.DETAILS).rpartition("_")[0].rpartition(".")[0]
    return f"{package}.{name}"


def _collections(
    cls: ModelClass, members: tuple[tuple[str, str], ...], descriptors: Descriptors
) -> list[Collection]:
    found = []
    for member, slice_type in members:
        if not member.endswith("Seq"):
            continue
        name = member.removeprefix("_").removesuffix("Seq")
        element = short_name(descriptors.sequences[short_name(slice_type)])
        found.append(
            Collection(name, element, *_back_reference(cls.name, name, element), declared_in=cls.name)
        )
    return found


def _back_reference(owner: str, collection: str, element: str) -> tuple[str, bool]:
    """Field of the element that points back to the owner, and whether the collection is a list; asked of omero-py's own classes."""
    holder = (instance_class(owner) or _any_concrete(owner))()
    child = (instance_class(element) or _any_concrete(element))()
    suffix = next(
        name.removeprefix("reload")
        for name in dir(holder)
        if name.startswith("reload") and name.lower() == f"reload{collection}".lower()
    )
    ordered = any(
        name.startswith("get")
        and name.removeprefix("get") in (element, "Primary" + element)
        and hasattr(holder, f"set{element}")
        for name in dir(holder)
    )
    for adder in (f"add{element}", f"add{suffix}"):
        if hasattr(holder, adder):
            getattr(holder, adder)(child)
            break
    pointing = [name for name, value in vars(child).items() if value is holder]
    if len(pointing) != 1:
        raise RuntimeError(f"{owner}.{collection}: {element} points back through {pointing or 'no field'}")
    return pointing[0].removeprefix("_"), ordered


def _any_concrete(name: str) -> type[Any]:
    for other in omero.model.__dict__.values():
        if (
            isinstance(other, type)
            and other.__name__.endswith("I")
            and issubclass(other, getattr(omero.model, name))
        ):
            return other
    raise RuntimeError(f"no concrete class below {name}")


SCHEMA = _build()
