"""Sources to SQL joins: which tables a statement really needs, and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ColumnElement, FromClause, and_, bindparam, case, func, true

from omero_embedded.graphs.load_rows import HIDDEN_KEY
from omero_embedded.hql.sources import Source, ToMany, ToMap, ToOne
from omero_embedded.store.tables import MAP_TABLES, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

CALLER = "the_caller"


@dataclass(frozen=True, slots=True)
class View:
    """What the caller may see: rows, by a condition on a table, and whether also the keys of other users' sessions."""

    visible: Callable[[FromClause], ColumnElement[bool] | None]
    session_keys: bool = True


class Tables:
    """The SQL side of the sources of a statement.

    A to-one source of which only the id is read needs no table: the parent's column holds that id. So `join fetch
    x.details.owner` and its like cost nothing. They need one where some of the rows are hidden from the caller.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._tables: dict[Source, FromClause] = {}

    def plan(self, sources: Sequence[Source], *, ids: Iterable[Source], prune: bool) -> None:
        """Decide which sources of a level get a table; the ids of `ids` are read too.

        With `prune`, outer joins nothing reads are left out though they may repeat rows.
        """
        used = {source for source in sources if source.used}
        id_used = {source for source in sources if source.id_used} | set(ids)
        for source in reversed(sources):
            if source.link is None or source.parent is None:
                self._make(source)
                continue
            single = isinstance(source.link, ToOne)
            read = source in used or source in id_used
            if source.kind == "left" and not read and (single or prune) and not source.condition:
                continue
            own_level = source.parent.scope is source.scope
            if source in used or not single or not own_level or source.condition or self._hides(source):
                self._make(source)
            (used if single else id_used).add(source.parent)
            if single and source.kind != "left":
                used.add(source.parent)

    def _make(self, source: Source) -> None:
        if isinstance(source.link, ToMap):
            table: FromClause = MAP_TABLES[source.link.cls, source.link.field.name]
        else:
            table = TABLES[source.model.root]
        self._tables[source] = table.alias(source.name)

    def _hides(self, source: Source) -> bool:
        return self._view.visible(TABLES[source.model.root]) is not None

    def has(self, source: Source) -> bool:
        """Whether the source has a table in the statement."""
        return source in self._tables

    def column(self, source: Source, columns: tuple[str, ...]) -> ColumnElement[object]:
        """The value stored in a column, or in whichever of several holds one."""
        if columns == ("id",):
            return self.id(source)
        found = [self._readable(source, name) for name in columns]
        return found[0] if len(found) == 1 else func.coalesce(*found)

    def _readable(self, source: Source, name: str) -> ColumnElement[object]:
        table = self._tables[source]
        if self._view.session_keys or name != "uuid" or source.cls is None or source.cls.root != "Session":
            return table.c[name]
        # Who knows the key of a session can use it.
        return case((table.c.owner == bindparam(CALLER, type_=BigInteger()), table.c[name]), else_=HIDDEN_KEY)

    def id(self, source: Source) -> ColumnElement[object]:
        """The id of the source's object."""
        if source in self._tables:
            table = self._tables[source]
            return table.c.owner_id if isinstance(source.link, ToMap) else table.c.id
        assert isinstance(source.link, ToOne)
        assert source.parent is not None
        return self.column(source.parent, source.link.columns)

    def froms(
        self, sources: Sequence[Source], condition: Callable[[Source], ColumnElement[bool] | None]
    ) -> tuple[list[FromClause], list[ColumnElement[bool]]]:
        """The from clause of a level, and the conditions its sources put on the rows.

        `condition` gives what a `with` clause asks of a source.
        """
        chains: dict[Source, FromClause] = {}
        where: list[ColumnElement[bool]] = []
        for source in sources:
            if source not in self._tables:
                where += self._present(source)
                continue
            table = self._tables[source]
            on = [*self._link(source), *self._restrictions(source)]
            extra = condition(source)
            on += [] if extra is None else [extra]
            origin = source.origin
            if origin is source:
                chains[source] = table
                where += on
            else:
                chains[origin] = chains[origin].join(table, and_(true(), *on), isouter=source.kind == "left")
        return list(chains.values()), where

    def _present(self, source: Source) -> list[ColumnElement[bool]]:
        """An inner join without a table still asks for a reference that is not null."""
        if source.kind == "left" or source.parent is None or not isinstance(source.link, ToOne):
            return []
        columns = [self._tables[source.parent].c[name] for name in source.link.columns]
        if len(columns) == 1 and not columns[0].nullable and not source.parent.nullable:
            return []
        return [self.id(source).is_not(None)]

    def _link(self, source: Source) -> list[ColumnElement[bool]]:
        if source.parent is None or source.link is None:
            return []
        table = self._tables[source]
        if isinstance(source.link, ToMany):
            return [table.c[source.link.column] == self.id(source.parent)]
        if isinstance(source.link, ToMap):
            return [table.c.owner_id == self.id(source.parent)]
        return [table.c.id == self.column(source.parent, source.link.columns)]

    def _restrictions(self, source: Source) -> list[ColumnElement[bool]]:
        table = self._tables[source]
        found: list[ColumnElement[bool]] = []
        if source.link is None and source.model.parent is not None:
            found.append(table.c.discriminator.in_(sorted(source.model.concrete)))
        if not isinstance(source.link, ToMap):
            condition = self._view.visible(table)
            found += [] if condition is None else [condition]
        return found

    def visible(self, table: FromClause) -> list[ColumnElement[bool]]:
        """What the caller must be allowed to see of a table that is no source, as a list of conditions."""
        condition = self._view.visible(table)
        return [] if condition is None else [condition]

    def of(self, sources: Iterable[Source]) -> list[FromClause]:
        """The tables of the sources that have one."""
        return [self._tables[source] for source in sources if source in self._tables]

    def indexed(self, source: Source) -> bool:
        """Whether the source's rows have a place in a list or map."""
        return isinstance(source.link, ToMap) or any(
            c.name.endswith("_index") for c in self._tables[source].c
        )

    def index(self, source: Source) -> ColumnElement[object]:
        """The place of an element in its list, of a pair in its map."""
        table = self._tables[source]
        if isinstance(source.link, ToMap):
            return table.c.position
        if isinstance(source.link, ToMany) and source.link.collection.ordered:
            return table.c[f"{source.link.collection.inverse}_index".lower()]
        return next(column for column in table.c if column.name.endswith("_index"))
