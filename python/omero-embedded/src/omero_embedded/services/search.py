"""Search: queries that are asked one after the other, and their results in batches."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded import errors
from omero_embedded.hql.params import from_ice
from omero_embedded.hql.run import find
from omero_embedded.model.objects import proxy
from omero_embedded.model.schema import SCHEMA
from omero_embedded.search.find import (
    SEARCHABLE,
    Limits,
    built,
    class_named,
    find_ids,
    load,
    parsed,
    restricted,
)
from omero_embedded.search.syntax import Clauses, Node, Occur
from omero_embedded.store.tables import TABLES, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session

    # Asked for a class, answers with ids.
    Query = Callable[[Call, str], list[int]]

DEFAULT_BATCH = 1000


class Search:
    """One client's searches."""

    interface = "omero.api.Search"
    stateful = True

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._session = session
        self._queries: deque[tuple[Query, tuple[str, ...]]] = deque()
        self._results: deque[tuple[str, int]] = deque()
        self._operator: str | None = None
        self._reset()

    def _reset(self) -> None:
        self._batch = DEFAULT_BATCH
        self._merged = False
        self._case_sensitive = False
        self._projections = False
        self._unloaded = False
        self._leading_wildcard = False
        self._types: tuple[str, ...] = ()
        self._limits = Limits()
        self._fetches: tuple[str, ...] = ()

    # How to search

    def resetDefaults(self, call: Call) -> None:
        """Forget all settings."""
        self._reset()

    def setBatchSize(self, call: Call, size: int) -> None:
        """How many results come at once."""
        if size < 1:
            raise errors.api_usage("the batch size must be at least 1")
        self._batch = size

    def getBatchSize(self, call: Call) -> int:
        """How many results come at once."""
        return self._batch

    def setMergedBatches(self, call: Call, merge: bool) -> None:
        """Whether a batch may hold results of several queries."""
        self._merged = merge

    def isMergedBatches(self, call: Call) -> bool:
        """Whether a batch may hold results of several queries."""
        return self._merged

    def setCaseSensitive(self, call: Call, case_sensitive: bool) -> None:
        """OMERO's index has no case, so this changes nothing."""
        self._case_sensitive = case_sensitive

    def setCaseSentivice(self, call: Call, case_sensitive: bool) -> None:
        """The misspelled old name."""
        self._case_sensitive = case_sensitive

    def isCaseSensitive(self, call: Call) -> bool:
        """What was set."""
        return self._case_sensitive

    def setUseProjections(self, call: Call, use: bool) -> None:
        """A hint that OMERO does not follow either."""
        self._projections = use

    def isUseProjections(self, call: Call) -> bool:
        """What was set."""
        return self._projections

    def setReturnUnloaded(self, call: Call, unloaded: bool) -> None:
        """Whether results are mere references."""
        self._unloaded = unloaded

    def isReturnUnloaded(self, call: Call) -> bool:
        """Whether results are mere references."""
        return self._unloaded

    def setAllowLeadingWildcard(self, call: Call, allow: bool) -> None:
        """Whether words may begin with * or ?."""
        self._leading_wildcard = allow

    def isAllowLeadingWildcard(self, call: Call) -> bool:
        """Whether words may begin with * or ?."""
        return self._leading_wildcard

    # What to search

    def onlyType(self, call: Call, klass: str) -> None:
        """Search objects of one class."""
        self._types = (class_named(klass),)

    def onlyTypes(self, call: Call, classes: Sequence[str]) -> None:
        """Search objects of these classes."""
        self._types = tuple(class_named(name) for name in classes)

    def allTypes(self, call: Call) -> None:
        """Search everything."""
        self._types = SEARCHABLE

    def onlyIds(self, call: Call, ids: Sequence[int] | None) -> None:
        """Search objects with these ids."""
        self._limit(ids=None if ids is None else frozenset(ids))

    def onlyOwnedBy(self, call: Call, d: Any) -> None:
        """Search what belongs to a user or group."""
        self._limit(owners=_owner(d), groups=_group(d))

    def notOwnedBy(self, call: Call, d: Any) -> None:
        """Leave out what belongs to a user."""
        self._limit(not_owners=_owner(d) or frozenset())

    def onlyCreatedBetween(self, call: Call, start: Any, stop: Any) -> None:
        """Search what was made in a period."""
        self._limit(created=(_ms(start), _ms(stop)))

    def onlyModifiedBetween(self, call: Call, start: Any, stop: Any) -> None:
        """Search what was last changed in a period."""
        self._limit(modified=(_ms(start), _ms(stop)))

    def onlyAnnotatedBetween(self, call: Call, start: Any, stop: Any) -> None:
        """Search what was annotated in a period."""
        self._limit(annotated=(_ms(start), _ms(stop)))

    def onlyAnnotatedBy(self, call: Call, d: Any) -> None:
        """Search what a user annotated."""
        self._limit(annotators=_owner(d))

    def notAnnotatedBy(self, call: Call, d: Any) -> None:
        """Leave out what a user annotated."""
        self._limit(not_annotators=_owner(d) or frozenset())

    def onlyAnnotatedWith(self, call: Call, classes: Sequence[str] | None) -> None:
        """Search what has annotations of these classes."""
        self._limit(annotated_with=tuple(SCHEMA.resolve(name).name for name in classes or ()))

    def addOrderByAsc(self, call: Call, path: str) -> None:
        """Sort by a field."""
        self._limit(order=(*self._limits.order, (path, True)))

    def addOrderByDesc(self, call: Call, path: str) -> None:
        """Sort by a field, the largest first."""
        self._limit(order=(*self._limits.order, (path, False)))

    def unordered(self, call: Call) -> None:
        """Do not sort."""
        self._limit(order=())

    def fetchAnnotations(self, call: Call, classes: Sequence[str]) -> None:
        """Load annotations with the results."""
        self._fetches = ("annotationLinks al left outer join fetch al.child",) if classes else ()

    def fetchAlso(self, call: Call, fetches: Sequence[str]) -> None:
        """OMERO.server offers no such thing either."""
        raise errors.not_supported("Search.fetchAlso")

    def _limit(self, **values: Any) -> None:
        self._limits = replace(self._limits, **values)

    # Queries

    def byFullText(self, call: Call, query: str) -> None:
        """Find objects by the words that belong to them."""
        self._ask_words(parsed(query))

    def byLuceneQueryBuilder(
        self, call: Call, fields: str, start: str, stop: str, date_type: str, query: str
    ) -> None:
        """Find objects by words in fields, made or acquired between two days."""
        self._ask_words(built(fields, start, stop, date_type, query))

    def bySomeMustNone(
        self, call: Call, some: Sequence[str], must: Sequence[str], none: Sequence[str]
    ) -> None:
        """Find objects by words that may, must and must not belong to them."""
        clauses = [
            (occur, parsed(word))
            for occur, words in ((Occur.SHOULD, some), (Occur.MUST, must), (Occur.MUST_NOT, none))
            for word in words or ()
        ]
        if not clauses:
            raise errors.api_usage("bySomeMustNone takes at least one word")
        self._ask_words(Clauses(tuple(clauses)))

    def byGroupForTags(self, call: Call, group: str) -> None:
        """Find tags that are in a tag set of this name; all tags in sets with an empty name."""
        self._ask_tags(group, wanted="child")

    def byTagForGroups(self, call: Call, tag: str) -> None:
        """Find tag sets with a tag of this name; all tag sets with an empty name."""
        self._ask_tags(tag, wanted="parent")

    def byAnnotatedWith(self, call: Call, examples: Sequence[Any]) -> None:
        """Find objects with annotations that are like all of the examples."""
        wanted = [_example(one) for one in examples or () if one is not None]
        if not wanted:
            raise errors.api_usage("byAnnotatedWith takes at least one annotation")
        self._check_types()
        limits = self._limits

        def query(call: Call, class_name: str) -> list[int]:
            cls = SCHEMA[class_name]
            if not cls.is_annotatable:
                return []
            link, annotation = table_of(cls.collections["annotationLinks"].element), TABLES["Annotation"]
            with call.db.read() as connection:
                sets = []
                for kinds, column, value in wanted:
                    found = select(link.c.parent).join(annotation, annotation.c.id == link.c.child)
                    found = found.where(annotation.c.discriminator.in_(kinds))
                    sets.append(
                        set(
                            connection.scalars(
                                found if column is None else found.where(annotation.c[column] == value)
                            )
                        )
                    )
                return restricted(connection, call, class_name, sorted(set.intersection(*sets)), limits)

        self._ask(query, self._types)

    def byHqlQuery(self, call: Call, query: str, params: Any) -> None:
        """Find objects with HQL."""
        found = [
            (SCHEMA.of(instance).name, int(instance.getId().getValue()))
            for instance in find(call, query, from_ice(params))
        ]
        names = tuple(dict.fromkeys(name for name, _ in found))
        self._ask(lambda _call, wanted: [object_id for name, object_id in found if name == wanted], names)

    def bySimilarTerms(self, call: Call, terms: Sequence[str]) -> None:
        """Words that are like others are looked up in Lucene's index, which is not here."""
        raise errors.not_supported("Search.bySimilarTerms")

    def _ask_words(self, node: Node) -> None:
        self._check_types()
        limits, leading = self._limits, self._leading_wildcard
        self._ask(
            lambda call, name: find_ids(call, name, node, limits, leading_wildcard=leading), self._types
        )

    def _ask_tags(self, name: str, *, wanted: str) -> None:
        other = "parent" if wanted == "child" else "child"
        limits = self._limits

        def query(call: Call, class_name: str) -> list[int]:
            link, annotation = TABLES["AnnotationAnnotationLink"], TABLES["Annotation"]
            text = annotation.c[SCHEMA["TagAnnotation"].fields["textValue"].column]
            found = select(link.c[wanted]).join(annotation, annotation.c.id == link.c[other])
            found = found.where(annotation.c.discriminator == "TagAnnotation")
            with call.db.read() as connection:
                ids = set(connection.scalars(found.where(text == name) if name else found))
                return restricted(connection, call, class_name, sorted(ids), limits)

        self._ask(query, ("TagAnnotation",))

    def _check_types(self) -> None:
        if not self._types:
            raise errors.api_usage("call onlyType, onlyTypes or allTypes before a query")

    def _ask(self, query: Query, types: tuple[str, ...]) -> None:
        """Queue a query, or combine it with the last one."""
        operator, self._operator = self._operator, None
        if operator is None or not self._queries:
            self._queries.append((query, types))
            return
        last, last_types = self._queries.pop()
        names = tuple(dict.fromkeys((*last_types, *types)))
        self._queries.append((_combined(operator, (last, last_types), (query, types)), names))

    def clearQueries(self, call: Call) -> None:
        """Forget all queries and results."""
        self._queries.clear()
        self._results.clear()

    def activeQueries(self, call: Call) -> int:
        """How many queries have results to come."""
        return len(self._queries) + bool(self._results)

    # Results

    def hasNext(self, call: Call) -> bool:
        """Whether there are results to come."""
        self._fill(call)
        return bool(self._results)

    def next(self, call: Call) -> Any:
        """The next result. Raises omero.ApiUsageException after the last."""
        return self._take(call, 1)[0]

    def results(self, call: Call) -> list[Any]:
        """The next batch. Raises omero.ApiUsageException after the last."""
        return self._take(call, self._batch)

    def _take(self, call: Call, count: int) -> list[Any]:
        self._fill(call)
        if not self._results:
            raise errors.api_usage("no more results; ask hasNext first")
        taken = [self._results.popleft() for _ in range(min(count, len(self._results)))]
        while self._merged and len(taken) < count and self._queries:
            self._fill(call)
            taken += [self._results.popleft() for _ in range(min(count - len(taken), len(self._results)))]
        return self._loaded(call, taken)

    def _fill(self, call: Call) -> None:
        while not self._results and self._queries:
            query, types = self._queries.popleft()
            self._results.extend((name, object_id) for name in types for object_id in query(call, name))

    def _loaded(self, call: Call, taken: Sequence[tuple[str, int]]) -> list[Any]:
        if self._unloaded:
            return [proxy(name, object_id) for name, object_id in taken]
        found: dict[tuple[str, int], Any] = {}
        for name in dict.fromkeys(name for name, _ in taken):
            ids = [object_id for other, object_id in taken if other == name]
            found |= {
                (name, int(one.getId().getValue())): one for one in load(call, name, ids, self._fetches)
            }
        return [found[key] for key in taken if key in found]

    def currentMetadata(self, call: Call) -> dict[str, Any]:
        """OMERO.server offers no such thing either."""
        raise errors.not_supported("Search.currentMetadata; OMERO.server does not offer it either")

    def currentMetadataList(self, call: Call) -> list[dict[str, Any]]:
        """OMERO.server offers no such thing either."""
        raise errors.not_supported("Search.currentMetadataList; OMERO.server does not offer it either")

    def remove(self, call: Call) -> None:
        """Results cannot be removed, with OMERO.server neither."""
        raise errors.not_supported("Search.remove")

    def close(self, call: Call) -> None:
        """Forget everything."""
        self.clearQueries(call)

    def _combine(self, operator: str) -> None:
        if not self._queries:
            raise errors.api_usage(f"{operator} comes between two queries")
        self._operator = operator


def _combiner(operator: str) -> Callable[[Search, Call], None]:
    def combine(search: Search, call: Call) -> None:
        del call
        search._combine(operator)  # noqa: SLF001 - a method in all but its name, which Python reserves

    return combine


for _operator in ("and", "or", "not"):
    setattr(Search, _operator, _combiner(_operator))


def _combined(
    operator: str, first: tuple[Query, tuple[str, ...]], second: tuple[Query, tuple[str, ...]]
) -> Query:
    def query(call: Call, class_name: str) -> list[int]:
        one = first[0](call, class_name) if class_name in first[1] else []
        other = second[0](call, class_name) if class_name in second[1] else []
        if operator == "and":
            return [object_id for object_id in one if object_id in set(other)]
        if operator == "not":
            return [object_id for object_id in one if object_id not in set(other)]
        return list(dict.fromkeys((*one, *other)))

    return query


def _owner(details: Any) -> frozenset[int] | None:
    owner = None if details is None else details.getOwner()
    return None if owner is None or owner.getId() is None else frozenset([int(owner.getId().getValue())])


def _group(details: Any) -> frozenset[int] | None:
    group = None if details is None else details.getGroup()
    return None if group is None or group.getId() is None else frozenset([int(group.getId().getValue())])


def _ms(time: Any) -> int | None:
    return None if time is None else int(time.getValue())


def _example(annotation: Any) -> tuple[tuple[str, ...], str | None, Any]:
    """Classes, and the column and value that an annotation like this one has."""
    cls = SCHEMA.of(annotation)
    for name in ("textValue", "longValue", "doubleValue", "boolValue", "termValue", "timeValue"):
        if name in cls.fields and getattr(annotation, f"_{name}") is not None:
            return cls.concrete, cls.fields[name].column, getattr(annotation, f"_{name}").getValue()
    if annotation.getNs() is not None:
        return cls.concrete, SCHEMA["Annotation"].fields["ns"].column, annotation.getNs().getValue()
    return cls.concrete, None, None
