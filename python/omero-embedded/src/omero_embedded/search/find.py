"""Full-text search: from a query's text to the objects that a caller can see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from omero_embedded import errors
from omero_embedded.hql.run import objects
from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.search.evaluate import Evaluation, in_fields
from omero_embedded.search.parse import SearchSyntaxError, parse
from omero_embedded.search.syntax import Clauses, Node, Occur, Range
from omero_embedded.security.filters import visible
from omero_embedded.store.tables import TABLES, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Connection

    from omero_embedded.security.context import Call

_CHUNK = 500
SEARCHABLE = (
    "Image", "Dataset", "Project", "Plate", "PlateAcquisition", "Screen", "Well", "Annotation", "OriginalFile",
    "Roi", "Fileset", "Experimenter", "ExperimenterGroup", "Folder", "Reagent",
)  # fmt: skip

# Milliseconds, either of which may be None.
Period = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What restricts all searches of one client."""

    ids: frozenset[int] | None = None
    owners: frozenset[int] | None = None
    groups: frozenset[int] | None = None
    not_owners: frozenset[int] = frozenset()
    created: Period = (None, None)
    modified: Period = (None, None)
    annotated: Period = (None, None)
    annotators: frozenset[int] | None = None
    not_annotators: frozenset[int] = frozenset()
    annotated_with: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = field(default_factory=tuple)


def class_named(name: str) -> str:
    """A class that can be searched for. Raises omero.ApiUsageException."""
    try:
        found = SCHEMA.resolve(name).name
    except UnknownClassError as error:
        raise errors.api_usage(str(error)) from None
    if not any(SCHEMA[found].is_a(base) for base in SEARCHABLE):
        raise errors.api_usage(f"{found} cannot be searched for; known are {', '.join(SEARCHABLE)}")
    return found


def parsed(text: str) -> Node:
    """The tree of a query. Raises omero.ApiUsageException for one without words, or with bad syntax."""
    node = _tree(text)
    if node is None:
        raise errors.api_usage(f"the search query {text!r} has no word in it")
    return node


def _tree(text: str) -> Node | None:
    if not text or not text.strip():
        raise errors.api_usage("the search query is empty")
    try:
        return parse(text)
    except SearchSyntaxError as error:
        raise errors.api_usage(f"{text} caused a parse exception: {error}") from None


def built(fields: str, start: str | None, stop: str | None, date_type: str | None, text: str) -> Node:
    """The query that OMERO's query builder makes of a form: words in fields, within days YYYYMMDD.

    A text without words finds nothing.
    """
    names = [name.strip() for name in (fields or "").split(",") if name.strip()]
    found = _tree(text)
    node = Clauses(()) if found is None else in_fields(found, names)
    if not start and not stop:
        return node
    days = Range(date_type or "details.creationEvent.time", start or None, stop or None)
    return Clauses(((Occur.MUST, node), (Occur.MUST, days)))


def find_ids(call: Call, class_name: str, node: Node, limits: Limits, *, leading_wildcard: bool) -> list[int]:
    """Ids of the objects that match and that the caller can see, in the order asked for.

    Without such an order by how much of the query they match and how much that counts, then by id.
    """
    with call.db.read() as connection:
        evaluation = Evaluation(connection, call, class_name, leading_wildcard=leading_wildcard)
        scores = evaluation.scores(node)
        found = restricted(connection, call, class_name, sorted(scores), limits)
    return found if limits.order else sorted(found, key=lambda object_id: (-scores[object_id], object_id))


def restricted(
    connection: Connection, call: Call, class_name: str, ids: Sequence[int], limits: Limits
) -> list[int]:
    """Those of the ids that the caller can see and that are within the limits."""
    table = table_of(class_name)
    conditions = list(_conditions(call, class_name, limits))
    columns = [
        table.c[SCHEMA[class_name].fields[name].column]
        for name, _ in limits.order
        if _orderable(class_name, name)
    ]
    rows: list[Any] = []
    for start in range(0, len(ids), _CHUNK):
        part = list(ids[start : start + _CHUNK])
        rows += connection.execute(select(table.c.id, *columns).where(table.c.id.in_(part), *conditions))
    rows.sort(key=lambda row: row[0])
    known = [entry for entry in limits.order if _orderable(class_name, entry[0])]
    for position, (_, ascending) in reversed(list(enumerate(known, 1))):
        rows.sort(key=_by(position), reverse=not ascending)
    return [row[0] for row in rows]


def _by(position: int) -> Callable[[Any], Any]:
    return lambda row: (row[position] is not None, row[position])


def _orderable(class_name: str, name: str) -> bool:
    known = SCHEMA[class_name].fields.get(name)
    return known is not None and known.kind in ("string", "int", "long", "float", "double", "time")


def _conditions(call: Call, class_name: str, limits: Limits) -> list[ColumnElement[bool]]:
    cls, table = SCHEMA[class_name], table_of(class_name)
    made: list[ColumnElement[bool]] = []
    shown = visible(call, table)
    if shown is not None:
        made.append(shown)
    if "discriminator" in table.c and cls.name != cls.root:
        made.append(table.c.discriminator.in_(cls.concrete))
    if limits.ids is not None:
        made.append(table.c.id.in_(sorted(limits.ids)))
    if "details_owner" not in table.c:
        return made
    if limits.owners is not None:
        made.append(table.c.details_owner.in_(sorted(limits.owners)))
    if limits.groups is not None:
        made.append(table.c.details_group.in_(sorted(limits.groups)))
    if limits.not_owners:
        made.append(table.c.details_owner.not_in(sorted(limits.not_owners)))
    for column, period in (
        (table.c.details_creation, limits.created),
        (table.c.details_update, limits.modified),
    ):
        if period != (None, None):
            made.append(column.in_(_events(period)))
    return made + _annotation_conditions(class_name, limits)


def _events(period: Period) -> Any:
    event = TABLES["Event"]
    query = select(event.c.id)
    if period[0] is not None:
        query = query.where(event.c.time >= period[0])
    return query if period[1] is None else query.where(event.c.time <= period[1])


def _annotation_conditions(class_name: str, limits: Limits) -> list[ColumnElement[bool]]:
    cls, table = SCHEMA[class_name], table_of(class_name)
    if not cls.is_annotatable:
        return []
    link, annotation = table_of(cls.collections["annotationLinks"].element), TABLES["Annotation"]
    linked = select(link.c.parent).join(annotation, annotation.c.id == link.c.child)
    made: list[ColumnElement[bool]] = []
    if limits.annotators is not None:
        made.append(table.c.id.in_(linked.where(link.c.details_owner.in_(sorted(limits.annotators)))))
    if limits.not_annotators:
        made.append(table.c.id.not_in(linked.where(link.c.details_owner.in_(sorted(limits.not_annotators)))))
    if limits.annotated != (None, None):
        made.append(table.c.id.in_(linked.where(link.c.details_creation.in_(_events(limits.annotated)))))
    for name in limits.annotated_with:
        kinds = SCHEMA.resolve(name).concrete
        made.append(table.c.id.in_(linked.where(or_(annotation.c.discriminator.in_(kinds)))))
    return made


def load(call: Call, class_name: str, ids: Sequence[int], fetches: Sequence[str] = ()) -> list[Any]:
    """The objects, in the order of the ids."""
    if not ids:
        return []
    joins = "".join(f" left outer join fetch o.{path}" for path in fetches)
    query = f"select o from {class_name} o{joins} where o.id in (:ids)"  # noqa: S608 - HQL of our own words
    found = {
        int(instance.getId().getValue()): instance
        for start in range(0, len(ids), _CHUNK)
        for instance in objects(
            call,
            query,
            {"ids": list(ids[start : start + _CHUNK])},
        )
    }
    return [found[object_id] for object_id in ids if object_id in found]
