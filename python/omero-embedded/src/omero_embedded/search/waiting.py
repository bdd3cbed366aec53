"""The queries of one client that wait for their turn, and the results that wait to be fetched."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.search.find import load
from omero_embedded.search.queries import combined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.search.queries import Query
    from omero_embedded.security.context import Call

# Class name and id.
Found = tuple[str, int]


class Waiting:
    """Queries are answered one after the other, each when the results of those before it are fetched."""

    def __init__(self) -> None:
        self._queries: deque[Query] = deque()
        self._results: deque[Found] = deque()
        self._operator: str | None = None

    def __len__(self) -> int:
        """How many queries have results to come."""
        return len(self._queries) + bool(self._results)

    def ask(self, query: Query) -> None:
        """Queue a query, or combine it with the last one where `combine` was called in between."""
        operator, self._operator = self._operator, None
        if operator is not None and self._queries:
            query = combined(operator, self._queries.pop(), query)
        self._queries.append(query)

    def combine(self, operator: str) -> None:
        """Combine the last query with the next one; ApiUsageException without any."""
        if not self._queries:
            raise errors.api_usage(f"{operator} comes between two queries")
        self._operator = operator

    def clear(self) -> None:
        """Forget queries and results."""
        self._queries.clear()
        self._results.clear()

    def has_more(self, call: Call) -> bool:
        """Whether there are results to come; answers queries until there are some."""
        while not self._results and self._queries:
            query = self._queries.popleft()
            self._results.extend(
                (name, object_id) for name in query.classes for object_id in query.ids(call, name)
            )
        return bool(self._results)

    def take(self, call: Call, count: int, *, merged: bool) -> list[Found]:
        """The next results, of several queries if `merged`; ApiUsageException after the last."""
        if not self.has_more(call):
            raise errors.api_usage("no more results; ask hasNext first")
        taken = self._taken(count)
        while merged and len(taken) < count and self._queries:
            self.has_more(call)
            taken += self._taken(count - len(taken))
        return taken

    def _taken(self, count: int) -> list[Found]:
        return [self._results.popleft() for _ in range(min(count, len(self._results)))]


def loaded(call: Call, taken: Sequence[Found], fetches: Sequence[str]) -> list[Any]:
    """The objects in the order of the results, without those that are gone."""
    found: dict[Found, Any] = {}
    for name in dict.fromkeys(name for name, _ in taken):
        ids = [object_id for other, object_id in taken if other == name]
        found |= {(name, int(one.getId().getValue())): one for one in load(call, name, ids, fetches)}
    return [found[key] for key in taken if key in found]
