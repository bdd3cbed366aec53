"""Which objects a query finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from omero_embedded import errors
from omero_embedded.search.contents import FIELD, ids_by_contents
from omero_embedded.search.sources import Source, sources
from omero_embedded.search.syntax import Boosted, Clauses, Node, Occur, Range, Words
from omero_embedded.search.text import hint, phrase_matches, words_of
from omero_embedded.store.tables import TABLES, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call

_DATES = {
    "details.creationEvent.time": "details_creation",
    "details.updateEvent.time": "details_update",
    "import": "details_creation",
}
ACQUISITION = "acquisitionDate"


class Evaluation:
    """Evaluates queries for objects of one class."""

    def __init__(
        self, connection: Connection, call: Call, class_name: str, *, leading_wildcard: bool
    ) -> None:
        self._connection = connection
        self._call = call
        self._class_name = class_name
        self._leading_wildcard = leading_wildcard
        self._sources = sources(call, class_name)

    def scores(self, node: Node) -> dict[int, float]:
        """By the ids of the objects that match, how much of the query does, each clause times its boost."""
        match node:
            case Words():
                return dict.fromkeys(self._words(node), 1.0)
            case Range():
                return dict.fromkeys(self._range(node), 1.0)
            case Boosted():
                return {found: score * node.factor for found, score in self.scores(node.node).items()}
            case Clauses():
                return self._clauses(node.clauses)

    def _clauses(self, clauses: Sequence[tuple[Occur, Node]]) -> dict[int, float]:
        """What only excludes finds nothing, as in Lucene."""
        by: dict[Occur, list[dict[int, float]]] = {occur: [] for occur in Occur}
        for occur, node in clauses:
            by[occur].append(self.scores(node))
        if by[Occur.MUST]:
            found = set(by[Occur.MUST][0]).intersection(*by[Occur.MUST])
        elif by[Occur.SHOULD]:
            found = set().union(*by[Occur.SHOULD])
        else:
            return {}
        counted = (*by[Occur.MUST], *by[Occur.SHOULD])
        kept = found.difference(*by[Occur.MUST_NOT])
        return {one: sum(scores.get(one, 0.0) for scores in counted) for one in kept}

    def _words(self, node: Words) -> set[int]:
        if not self._leading_wildcard and any(word.startswith(("*", "?")) for word in node.words):
            raise errors.api_usage(
                "Searches starting with a leading wildcard (*,?) can be slow.\n"
                "Use setAllowLeadingWildcard() to permit this usage."
            )
        needle = None if node.fuzzy else hint(node.words)
        found: set[int] = set()
        for source, key in self._of(node.field):
            query = source.query
            if key is not None and source.key is not None:
                query = query.where(func.lower(source.key) == key.lower())
            if needle is not None:
                query = query.where(func.lower(source.text).contains(needle, autoescape=True))
            found |= _matching(self._connection.execute(query.where(source.text.is_not(None))), node)
        if node.field is None or node.field.lower() == FIELD:
            found |= ids_by_contents(self._connection, self._call, self._class_name, node)
        return found

    def _of(self, field: str | None) -> list[tuple[Source, str | None]]:
        """The sources of a field; a name that is no field is the key of a pair."""
        if field is None:
            return [(source, None) for source in self._sources]
        named: list[tuple[Source, str | None]] = [
            (source, None)
            for source in self._sources
            if field.lower() in (name.lower() for name in source.fields)
        ]
        if not named and field.lower() == FIELD:
            return []
        return named or [(source, field) for source in self._sources if source.key is not None]

    def _range(self, node: Range) -> set[int]:
        if node.field in _DATES or node.field == ACQUISITION:
            return self._dates(node)
        found: set[int] = set()
        for source, key in self._of(node.field):
            query = source.query.where(source.text.is_not(None))
            if key is not None and source.key is not None:
                query = query.where(func.lower(source.key) == key.lower())
            rows = self._connection.execute(query)
            found |= {row[0] for row in rows if any(_between(node, word) for word in words_of(row[1]))}
        return found

    def _dates(self, node: Range) -> set[int]:
        table, event = table_of(self._class_name), TABLES["Event"]
        low, high = (None if bound is None else _day(bound) for bound in (node.low, node.high))
        if node.field == ACQUISITION:
            if "acquisitiondate" not in table.c:
                return set()
            query: Any = select(table.c.id)
            time: Any = table.c.acquisitiondate
        else:
            query = select(table.c.id).join(event, event.c.id == table.c[_DATES[node.field or ""]])
            time = event.c.time
        if low is not None:
            query = query.where(time >= low)
        if high is not None:
            query = query.where(time < high + int(timedelta(days=1).total_seconds() * 1000))
        return set(self._connection.scalars(query))


def _matching(rows: Iterable[Any], node: Words) -> set[int]:
    """Ids of the rows whose text really matches; the store only narrows them down."""
    known: dict[str, bool] = {}
    found = set()
    for row in rows:
        text = row[1]
        if text not in known:
            known[text] = phrase_matches(node.words, text, node.fuzzy, node.slop)
        if known[text]:
            found.add(row[0])
    return found


def _between(node: Range, word: str) -> bool:
    if node.inclusive:
        return (node.low is None or word >= node.low) and (node.high is None or word <= node.high)
    return (node.low is None or word > node.low) and (node.high is None or word < node.high)


def _day(text: str) -> int:
    """Milliseconds at the beginning of a day YYYYMMDD, in UTC."""
    try:
        return int(datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise errors.api_usage(f"{text!r} is not a date; dates are written YYYYMMDD") from None


def in_fields(node: Node, fields: Sequence[str]) -> Node:
    """The same query, with every word that names no field looked for in each of these."""
    if not fields:
        return node
    if isinstance(node, Clauses):
        return Clauses(tuple((occur, in_fields(inner, fields)) for occur, inner in node.clauses))
    if isinstance(node, Boosted):
        return Boosted(in_fields(node.node, fields), node.factor)
    if node.field is not None:
        return node
    copies = tuple(
        (
            Occur.SHOULD,
            Words(field, node.words, node.fuzzy, node.slop)
            if isinstance(node, Words)
            else _ranged(node, field),
        )
        for field in fields
    )
    return Clauses(copies)


def _ranged(node: Range, field: str) -> Range:
    return Range(field, node.low, node.high, node.inclusive)
