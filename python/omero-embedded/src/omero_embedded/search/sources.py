"""Which texts belong to an object, by the names of fields that OMERO's index has for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, select

from omero_embedded.model.schema import SCHEMA, ModelClass
from omero_embedded.security.filters import visible
from omero_embedded.store.tables import TABLES, map_table, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Select, Table

    from omero_embedded.security.context import Call

# Kinds of objects that can be searched for; the rest of the model is found through them.
_TEXT_FIELDS = ("name", "description", "textvalue", "ns", "label", "externaldescription", "type", "status")


@dataclass(frozen=True, slots=True)
class Source:
    """Texts of one kind: `query` selects (id of the object, text); `text` is its second column.

    `fields` are its names; `key` selects the name from a third column instead (pairs of map annotations).
    """

    fields: tuple[str, ...]
    query: Select[Any]
    text: ColumnElement[Any]
    key: ColumnElement[Any] | None = None


def sources(call: Call, class_name: str) -> list[Source]:
    """All texts of objects of a class that the caller can see."""
    cls = SCHEMA[class_name]
    found = [*_own(cls), *_owner(cls)]
    if cls.is_annotatable:
        found += _annotations(call, cls)
    if class_name == "Image":
        found += _files(call)
    if cls.is_a("FileAnnotation"):
        found += _annotation_files(cls)
    if cls.is_a("MapAnnotation"):
        found += _pairs_of_annotation()
    return found


def _own(cls: ModelClass) -> Iterator[Source]:
    table = table_of(cls.name)
    for field in cls.fields.values():
        column = table.c.get(field.column)
        if field.kind == "string" and column is not None and field.name.lower() in _TEXT_FIELDS:
            yield Source((field.name, *_also(cls, field.name)), select(table.c.id, column), column)
    if cls.name == "OriginalFile":
        for name in ("path", "mimetype", "hash"):
            yield Source((f"file.{name}", name), select(table.c.id, table.c[name]), table.c[name])
    if (value := cls.fields.get("longValue")) is not None:
        number = cast(table.c[value.column], String)
        yield Source((value.name,), select(table.c.id, number), number)


def _also(cls: ModelClass, field: str) -> tuple[str, ...]:
    if cls.name == "OriginalFile" and field == "name":
        return ("file.name",)
    if cls.is_a("TagAnnotation") and field == "textValue":
        return ("tag", "annotation")
    return ("annotation",) if field == "textValue" else ()


def _owner(cls: ModelClass) -> Iterator[Source]:
    table, people, groups = table_of(cls.name), TABLES["Experimenter"], TABLES["ExperimenterGroup"]
    if cls.is_global:
        return
    owned = select(table.c.id, people.c.omename).join(people, people.c.id == table.c.details_owner)
    yield Source(("details.owner.omeName", "owner"), owned, people.c.omename)
    grouped = select(table.c.id, groups.c.name).join(groups, groups.c.id == table.c.details_group)
    yield Source(("details.group.name", "group"), grouped, groups.c.name)


def _annotations(call: Call, cls: ModelClass) -> Iterator[Source]:
    collection = cls.collections["annotationLinks"]
    link, annotation = table_of(collection.element), TABLES["Annotation"]
    shown = visible(call, annotation)

    def linked(column: ColumnElement[Any], *more: ColumnElement[Any]) -> Select[Any]:
        query = select(link.c.parent, column, *more).join(annotation, annotation.c.id == link.c.child)
        return query if shown is None else query.where(shown)

    for text in _annotation_texts(annotation):
        tags = annotation.c.discriminator == "TagAnnotation"
        yield Source(("annotation",), linked(text).where(~tags), text)
        yield Source(("tag", "annotation"), linked(text).where(tags), text)
    yield Source(("annotation.ns",), linked(annotation.c.ns), annotation.c.ns)
    pairs = map_table("MapAnnotation", "mapValue")
    values = linked(pairs.c.value, pairs.c.name).join(pairs, pairs.c.owner_id == annotation.c.id)
    yield Source(("annotation", "map.value"), values, pairs.c.value, pairs.c.name)
    keys = linked(pairs.c.name).join(pairs, pairs.c.owner_id == annotation.c.id)
    yield Source(("annotation", "map.key", "has_key"), keys, pairs.c.name)
    file = TABLES["OriginalFile"]
    target = annotation.c[SCHEMA["FileAnnotation"].fields["file"].column]
    for name, fields in (
        ("name", ("file.name", "annotation")),
        ("path", ("file.path",)),
        ("mimetype", ("file.format",)),
        ("hash", ("file.sha1", "file.hash")),
    ):
        column = file.c[name]
        yield Source(fields, linked(column).join(file, file.c.id == target), column)


def _annotation_texts(annotation: Table) -> list[ColumnElement[Any]]:
    """The columns with text of the annotation classes that have one."""
    fields = SCHEMA["Annotation"].subclass_fields("textValue") + SCHEMA["Annotation"].subclass_fields(
        "termValue"
    )
    return [
        annotation.c[column]
        for column in sorted({field.column for field in fields if field.kind == "string"})
    ]


def _pairs_of_annotation() -> Iterator[Source]:
    pairs = map_table("MapAnnotation", "mapValue")
    yield Source(
        ("annotation", "map.value"),
        select(pairs.c.owner_id, pairs.c.value, pairs.c.name),
        pairs.c.value,
        pairs.c.name,
    )
    yield Source(("annotation", "map.key", "has_key"), select(pairs.c.owner_id, pairs.c.name), pairs.c.name)


def _annotation_files(cls: ModelClass) -> Iterator[Source]:
    table, file = table_of(cls.name), TABLES["OriginalFile"]
    target = table.c[SCHEMA["FileAnnotation"].fields["file"].column]
    for name, field in (("name", "file.name"), ("path", "file.path"), ("mimetype", "file.format")):
        yield Source((field,), select(table.c.id, file.c[name]).join(file, file.c.id == target), file.c[name])


def _files(call: Call) -> Iterator[Source]:
    del call
    image, fileset, entry, file = (
        TABLES[name] for name in ("Image", "Fileset", "FilesetEntry", "OriginalFile")
    )
    prefixes = select(image.c.id, fileset.c.templateprefix).join(fileset, fileset.c.id == image.c.fileset)
    yield Source(("fileset.templatePrefix",), prefixes, fileset.c.templateprefix)
    entries = select(image.c.id, entry.c.clientpath).join(entry, entry.c.fileset == image.c.fileset)
    yield Source(("fileset.entry.clientPath",), entries, entry.c.clientpath)
    names = select(image.c.id, file.c.name).join(entry, entry.c.fileset == image.c.fileset)
    yield Source(
        ("fileset.entry.name", "file.name"), names.join(file, file.c.id == entry.c.originalfile), file.c.name
    )
