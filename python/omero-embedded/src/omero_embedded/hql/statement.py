"""Resolved queries to SQL statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, asc, bindparam, desc, nulls_first, nulls_last, select

from omero_embedded.hql.errors import HqlError
from omero_embedded.hql.expressions import Expressions
from omero_embedded.hql.from_clause import Tables, View
from omero_embedded.hql.sources import Attribute, Entity, ManyOf, Measure, Permissions, Source, ToMany, ToOne
from omero_embedded.hql.syntax import Node, map_children
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omero_embedded.hql.resolve import Resolved

LIMIT, OFFSET, PAGE = "the_limit", "the_offset", "the_page"
OWNER_AND_GROUP = ("details_owner", "details_group")


@dataclass(frozen=True, slots=True)
class Output:
    """One selected value: how to read it from the columns `start` … `start + width - 1` of a row.

    `kind` is that of a plain value, or entity, unit, permissions; `type` the class of an entity or unit.
    """

    kind: str
    type: str
    start: int
    width: int
    alias: str | None


@dataclass(frozen=True, slots=True)
class Fetch:
    """A fetched association: the columns with the ids of the owner and of the fetched object.

    `references` are the columns of the owner's table that hold the fetched object's id, none for a collection.
    """

    owner: str
    owner_column: int
    column: int
    target: str
    collection: str | None
    references: tuple[str, ...]


class Statements:
    """Builds the statements of one query for one caller's view of the store."""

    def __init__(self, query: Resolved, shapes: Mapping[str, str], view: View) -> None:
        self._query = query
        self._shapes = shapes
        self._view = view

    def whole(self) -> tuple[Select[Any], tuple[Output, ...], tuple[Fetch, ...]]:
        """All rows, with the ids of what is fetched."""
        fetched = [source for source in self._query.sources if source.fetch and source.parent is not None]
        level = _Level(self._shapes, self._view)
        owners = [source.parent for source in fetched if source.parent is not None]
        level.tables.plan(self._query.sources, ids=[*fetched, *owners], prune=False)
        columns, outputs = level.outputs(self._query)
        fetches = []
        for source in fetched:
            assert source.parent is not None
            collection = source.link.collection.name if isinstance(source.link, ToMany) else None
            references = source.link.columns if isinstance(source.link, ToOne) else ()
            owner, at = source.parent.model.name, len(columns)
            fetches.append(Fetch(owner, at, at + 1, source.model.name, collection, references))
            columns += [level.tables.id(source.parent), level.tables.id(source)]
        statement = level.select(self._query, columns)
        if self._query.distinct and not _one_object(self._query):
            statement = statement.distinct()
        return level.ordered(self._query, statement), tuple(outputs), tuple(fetches)

    def roots(self, root: Source) -> tuple[Select[Any], bool]:
        """The ids of the selected objects once each, in order; and whether the order allowed that."""
        level = _Level(self._shapes, self._view)
        counted = bool(self._query.group_by) or self._query.having is not None
        level.tables.plan(self._query.sources, ids=[root], prune=not counted)
        determined = _determined(root, self._query.sources)
        keys = [level.expressions.value(key.value).sql for key in self._query.order_by]
        statement = level.select(self._query, [level.tables.id(root)])
        if all(source in determined for source in self._query.sources if level.tables.has(source)):
            return level.ordered(self._query, statement), True
        if not all(_sources(key.value) <= determined for key in self._query.order_by):
            return statement, False
        statement = statement.add_columns(*keys).distinct()
        return level.ordered(self._query, statement), True

    def repeats(self, root: Source) -> bool:
        """Whether the whole statement can give an object more than once."""
        tables = _Level(self._shapes, self._view).tables
        tables.plan(self._query.sources, ids=[s for s in self._query.sources if s.fetch], prune=False)
        determined = _determined(root, self._query.sources)
        return any(tables.has(source) and source not in determined for source in self._query.sources)


def paged(statement: Select[Any], *, limit: bool, offset: bool) -> Select[Any]:
    """The statement with the limit and offset that its parameters give."""
    if limit:
        statement = statement.limit(bindparam(LIMIT))
    return statement.offset(bindparam(OFFSET)) if offset else statement


def of_page(statement: Select[Any], root_id: ColumnElement[Any]) -> Select[Any]:
    """The rows that belong to the objects of a page."""
    return statement.where(root_id.in_(bindparam(PAGE, expanding=True)))


class _Level:
    """The rendering of one query; shares its tables with subqueries."""

    def __init__(self, shapes: Mapping[str, str], view: View) -> None:
        self.tables = Tables(view)
        self.expressions = Expressions(self.tables, shapes, self._subselect)

    def _subselect(self, query: Resolved) -> Select[Any]:
        self.tables.plan(query.sources, ids=(), prune=False)
        columns = [self.expressions.value(item.value).sql for item in query.items]
        statement = self.select(query, columns)
        if query.distinct:
            statement = statement.distinct()
        statement = self.ordered(query, statement)
        return statement.correlate_except(*self.tables.of(query.sources))

    def select(self, query: Resolved, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """The statement without its order."""
        value = self.expressions.condition
        froms, where = self.tables.froms(
            query.sources, lambda s: None if s.condition is None else value(s.condition)
        )
        statement = select(*columns).select_from(*froms)
        if query.where is not None:
            where = [*where, value(query.where)]
        if where:
            statement = statement.where(*where)
        for key in query.group_by:
            statement = statement.group_by(self.expressions.value(key).sql)
        return statement if query.having is None else statement.having(value(query.having))

    def ordered(self, query: Resolved, statement: Select[Any]) -> Select[Any]:
        """The statement in the query's order."""
        for key in query.order_by:
            sql = self.expressions.value(key.value).sql
            if _never_null(key.value):
                statement = statement.order_by(desc(sql) if key.descending else asc(sql))
            else:
                # Null is the largest value, as in PostgreSQL; SQLite has it as the smallest.
                statement = statement.order_by(
                    nulls_first(desc(sql)) if key.descending else nulls_last(asc(sql))
                )
        return statement

    def outputs(self, query: Resolved) -> tuple[list[ColumnElement[Any]], list[Output]]:
        """The columns to select, and how to read them."""
        columns: list[ColumnElement[Any]] = []
        outputs = []
        for item in query.items:
            made, kind, type_ = self._output(item.value)
            outputs.append(Output(kind, type_, len(columns), len(made), item.alias))
            columns += made
        return columns, outputs

    def _output(self, node: Node) -> tuple[list[ColumnElement[Any]], str, str]:
        if isinstance(node, Entity):
            if node.source.cls is None:
                raise HqlError("a name-value pair cannot be selected whole; select its name and value")
            return [self.tables.id(node.source)], "entity", node.source.model.name
        if isinstance(node, Permissions):
            return self._permission_columns(node.source), "permissions", node.source.model.name
        if isinstance(node, Measure):
            units = tuple(f"{column}_unit" for column in node.columns)
            return [self.tables.column(node.source, c) for c in (node.columns, units)], "unit", node.type
        value = self.expressions.value(node)
        return [value.sql], value.kind, ""

    def _permission_columns(self, source: Source) -> list[ColumnElement[Any]]:
        identity = self.tables.id(source)
        if "details_owner" not in TABLES[source.model.root].c:
            return [identity]
        return [identity, *(self.tables.column(source, (name,)) for name in OWNER_AND_GROUP)]


def _one_object(query: Resolved) -> bool:
    """Whether a row is one object; those are made distinct after loading, whatever they are ordered by."""
    return len(query.items) == 1 and isinstance(query.items[0].value, Entity)


def _never_null(node: Node) -> bool:
    return isinstance(node, Attribute) and node.columns == ("id",) and not node.source.nullable


def _determined(root: Source, sources: Iterable[Source]) -> set[Source]:
    """The sources of which an object of the root has at most one row."""
    found = {root}
    for source in sources:
        if source.parent in found and isinstance(source.link, ToOne):
            found.add(source)
    return found


def _sources(node: Node) -> set[Source]:
    """The sources that an expression reads, those of subqueries left out: they hang on outer ones."""
    found: set[Source] = set()
    own = getattr(node, "source", None)
    if isinstance(own, Source):
        found.add(own)

    def visit(child: Node) -> Node:
        found.update(_sources(child))
        return child

    if not isinstance(node, ManyOf):
        map_children(node, visit)
    return found
