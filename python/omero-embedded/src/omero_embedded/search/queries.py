"""What a client can ask for: words, tags in sets, annotations like examples, HQL, and combinations of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded import errors
from omero_embedded.hql.params import from_ice
from omero_embedded.hql.run import find
from omero_embedded.model.schema import SCHEMA
from omero_embedded.search.find import Limits, find_ids, parsed, restricted
from omero_embedded.search.syntax import Clauses, Node, Occur
from omero_embedded.store.tables import TABLES, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omero_embedded.security.context import Call

_VALUES = ("textValue", "longValue", "doubleValue", "boolValue", "termValue", "timeValue")


@dataclass(frozen=True, slots=True)
class Query:
    """A question that is answered for one of its classes at a time, with the ids of objects."""

    classes: tuple[str, ...]
    ids: Callable[[Call, str], list[int]]


def by_words(classes: tuple[str, ...], node: Node, limits: Limits, *, leading_wildcard: bool) -> Query:
    """Objects by the words that belong to them."""
    return Query(
        classes, lambda call, name: find_ids(call, name, node, limits, leading_wildcard=leading_wildcard)
    )


def some_must_none(some: Sequence[str], must: Sequence[str], none: Sequence[str]) -> Node:
    """The tree of words that may, must and must not belong to an object; ApiUsageException without any word."""
    clauses = [
        (occur, parsed(word))
        for occur, words in ((Occur.SHOULD, some), (Occur.MUST, must), (Occur.MUST_NOT, none))
        for word in words or ()
    ]
    if not clauses:
        raise errors.api_usage("bySomeMustNone takes at least one word")
    return Clauses(tuple(clauses))


def by_tags(name: str, limits: Limits, *, wanted: str) -> Query:
    """Tags in sets of this name (`wanted` child), or sets with a tag of this name (parent); any with an empty name."""
    other = "parent" if wanted == "child" else "child"

    def ids(call: Call, class_name: str) -> list[int]:
        link, annotation = TABLES["AnnotationAnnotationLink"], TABLES["Annotation"]
        text = annotation.c[SCHEMA["TagAnnotation"].fields["textValue"].column]
        found = select(link.c[wanted]).join(annotation, annotation.c.id == link.c[other])
        found = found.where(annotation.c.discriminator == "TagAnnotation")
        with call.db.read() as connection:
            known = set(connection.scalars(found.where(text == name) if name else found))
            return restricted(connection, call, class_name, sorted(known), limits)

    return Query(("TagAnnotation",), ids)


@dataclass(frozen=True, slots=True)
class Example:
    """An annotation to find others like: of these classes, with this value in a column unless that is None."""

    classes: tuple[str, ...]
    column: str | None
    value: Any


def examples_of(annotations: Sequence[Any] | None) -> list[Example]:
    """What annotations are examples of; ApiUsageException without any."""
    found = [_example(one) for one in annotations or () if one is not None]
    if not found:
        raise errors.api_usage("byAnnotatedWith takes at least one annotation")
    return found


def _example(annotation: Any) -> Example:
    cls = SCHEMA.of(annotation)
    for name in _VALUES:
        if name in cls.fields and getattr(annotation, f"_{name}") is not None:
            value = getattr(annotation, f"_{name}").getValue()
            return Example(cls.concrete, cls.fields[name].column, value)
    if annotation.getNs() is not None:
        column = SCHEMA["Annotation"].fields["ns"].column
        return Example(cls.concrete, column, annotation.getNs().getValue())
    return Example(cls.concrete, None, None)


def by_examples(classes: tuple[str, ...], examples: Sequence[Example], limits: Limits) -> Query:
    """Objects with annotations that are like all of the examples."""

    def ids(call: Call, class_name: str) -> list[int]:
        cls = SCHEMA[class_name]
        if not cls.is_annotatable:
            return []
        link, annotation = table_of(cls.collections["annotationLinks"].element), TABLES["Annotation"]
        linked = select(link.c.parent).join(annotation, annotation.c.id == link.c.child)
        sets = []
        with call.db.read() as connection:
            for example in examples:
                found = linked.where(annotation.c.discriminator.in_(example.classes))
                if example.column is not None:
                    found = found.where(annotation.c[example.column] == example.value)
                sets.append(set(connection.scalars(found)))
            return restricted(connection, call, class_name, sorted(set.intersection(*sets)), limits)

    return Query(classes, ids)


def by_hql(call: Call, text: str, params: Any) -> Query:
    """The objects that the query finds now."""
    found = [
        (SCHEMA.of(instance).name, int(instance.getId().getValue()))
        for instance in find(call, text, from_ice(params))
    ]
    classes = tuple(dict.fromkeys(name for name, _ in found))
    return Query(classes, lambda _call, wanted: [object_id for name, object_id in found if name == wanted])


def combined(operator: str, first: Query, second: Query) -> Query:
    """What both queries find (`and`), either does (`or`), or the first one but not the second (`not`)."""

    def ids(call: Call, class_name: str) -> list[int]:
        one = first.ids(call, class_name) if class_name in first.classes else []
        other = second.ids(call, class_name) if class_name in second.classes else []
        if operator == "or":
            return list(dict.fromkeys((*one, *other)))
        known = set(other)
        return [object_id for object_id in one if (object_id in known) == (operator == "and")]

    return Query(tuple(dict.fromkeys((*first.classes, *second.classes))), ids)
