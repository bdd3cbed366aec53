"""What a query in a share fetches has to be in the share, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import false, func, not_, select

from omero_embedded import errors
from omero_embedded.graphs.load import collection_of
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.filters import visible
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from omero_embedded.graphs.load import Graph
    from omero_embedded.hql.statement import Fetch
    from omero_embedded.security.context import Call


def check_fetched(connection: Connection, call: Call, graph: Graph, fetches: Iterable[Fetch]) -> None:
    """Raise SecurityViolation where a loaded object has something to fetch that the share does not show.

    OMERO refuses such a query; an object with a part of its collection would look like one that has no more.
    """
    for fetch in fetches:
        hidden = (
            _in_collection(connection, call, graph, fetch) if fetch.collection else _reference(graph, fetch)
        )
        if hidden is not None:
            raise errors.security(f"{fetch.target}:{hidden} is not in share {call.caller.share}")


def _reference(graph: Graph, fetch: Fetch) -> int | None:
    for loaded in graph.loaded(fetch.owner):
        positions = [loaded.builder.positions[column] for column in fetch.references]
        ids = (loaded.row[position] for position in positions)
        wanted = next((object_id for object_id in ids if object_id is not None), None)
        if wanted is not None and graph.get(fetch.target, wanted) is None:
            return int(wanted)
    return None


def _in_collection(connection: Connection, call: Call, graph: Graph, fetch: Fetch) -> int | None:
    target = SCHEMA[fetch.target]
    table = TABLES[target.root]
    condition = visible(call, table)
    if condition is None:
        return None
    collection = collection_of(fetch.owner, fetch.collection or "")
    assert collection is not None
    hidden = not_(func.coalesce(condition, false()))
    back = table.c[SCHEMA[collection.element].fields[collection.inverse].column]
    for part in chunks(loaded.id for loaded in graph.loaded(fetch.owner)):
        found = connection.scalar(select(table.c.id).where(back.in_(part), hidden).limit(1))
        if found is not None:
            return int(found)
    return None
