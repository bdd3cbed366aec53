"""Search: queries that are asked one after the other, and their results in batches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.model.objects import proxy
from omero_embedded.model.schema import SCHEMA
from omero_embedded.search.find import SEARCHABLE, Limits, built, class_named, parsed
from omero_embedded.search.queries import (
    by_examples,
    by_hql,
    by_tags,
    by_words,
    examples_of,
    some_must_none,
)
from omero_embedded.search.waiting import Waiting, loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omero_embedded.search.syntax import Node
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session

DEFAULT_BATCH = 1000


class Search:
    """One client's searches."""

    interface = "omero.api.Search"
    stateful = True

    def __init__(self, server: Server, session: Session) -> None:
        self._waiting = Waiting()
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
        self._ask_words(some_must_none(some, must, none))

    def byGroupForTags(self, call: Call, group: str) -> None:
        """Find tags that are in a tag set of this name; all tags in sets with an empty name."""
        self._waiting.ask(by_tags(group, self._limits, wanted="child"))

    def byTagForGroups(self, call: Call, tag: str) -> None:
        """Find tag sets with a tag of this name; all tag sets with an empty name."""
        self._waiting.ask(by_tags(tag, self._limits, wanted="parent"))

    def byAnnotatedWith(self, call: Call, examples: Sequence[Any]) -> None:
        """Find objects with annotations that are like all of the examples."""
        wanted = examples_of(examples)
        self._waiting.ask(by_examples(self._chosen_types(), wanted, self._limits))

    def byHqlQuery(self, call: Call, query: str, params: Any) -> None:
        """Find objects with HQL."""
        self._waiting.ask(by_hql(call, query, params))

    def bySimilarTerms(self, call: Call, terms: Sequence[str]) -> None:
        """Words that are like others are looked up in Lucene's index, which is not here."""
        raise errors.not_supported("Search.bySimilarTerms")

    def _ask_words(self, node: Node) -> None:
        types, leading = self._chosen_types(), self._leading_wildcard
        self._waiting.ask(by_words(types, node, self._limits, leading_wildcard=leading))

    def _chosen_types(self) -> tuple[str, ...]:
        if not self._types:
            raise errors.api_usage("call onlyType, onlyTypes or allTypes before a query")
        return self._types

    def clearQueries(self, call: Call) -> None:
        """Forget all queries and results."""
        self._waiting.clear()

    def activeQueries(self, call: Call) -> int:
        """How many queries have results to come."""
        return len(self._waiting)

    # Results

    def hasNext(self, call: Call) -> bool:
        """Whether there are results to come."""
        return self._waiting.has_more(call)

    def next(self, call: Call) -> Any:
        """The next result. Raises omero.ApiUsageException after the last."""
        return self._take(call, 1)[0]

    def results(self, call: Call) -> list[Any]:
        """The next batch. Raises omero.ApiUsageException after the last."""
        return self._take(call, self._batch)

    def _take(self, call: Call, count: int) -> list[Any]:
        taken = self._waiting.take(call, count, merged=self._merged)
        if self._unloaded:
            return [proxy(name, object_id) for name, object_id in taken]
        return loaded(call, taken, self._fetches)

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


def _combiner(operator: str) -> Callable[[Search, Call], None]:
    def combine(search: Search, call: Call) -> None:
        del call
        search._waiting.combine(operator)  # noqa: SLF001 - a method in all but its name, which Python reserves

    return combine


for _operator in ("and", "or", "not"):
    setattr(Search, _operator, _combiner(_operator))


def _owner(details: Any) -> frozenset[int] | None:
    return None if details is None else _only(details.getOwner())


def _group(details: Any) -> frozenset[int] | None:
    return None if details is None else _only(details.getGroup())


def _only(instance: Any) -> frozenset[int] | None:
    return (
        None
        if instance is None or instance.getId() is None
        else frozenset([int(instance.getId().getValue())])
    )


def _ms(time: Any) -> int | None:
    return None if time is None else int(time.getValue())
