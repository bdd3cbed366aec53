"""Runs queries: objects for the caller, or rows of values."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from omero.rtypes import rbool, rdouble, rlist, rmap, robject, rstring

from omero_embedded import errors
from omero_embedded.graphs.load import Graph, system_rights
from omero_embedded.hql.errors import HqlError
from omero_embedded.hql.expressions import parameter
from omero_embedded.hql.fetched import check_fetched
from omero_embedded.hql.from_clause import CALLER
from omero_embedded.hql.params import Parameters, from_plain
from omero_embedded.hql.plan import Plan, plan_query
from omero_embedded.hql.prepared import RefusedStatementError
from omero_embedded.hql.statement import LIMIT, OFFSET, PAGE, Fetch, Output
from omero_embedded.hql.values import ICE, PLAIN
from omero_embedded.model.objects import unit
from omero_embedded.security.movable import targets, told
from omero_embedded.security.permissions import Rights, perm_text, rights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call

# Names that all drivers give to errors of the statement or its values, as opposed to those of the database.
_MISFITS = {"ProgrammingError", "DataError", "InterfaceError", "OverflowError"}
_TOO_LARGE = ("too large", "too many", "stack depth", "parser stack overflow")


def objects(
    call: Call,
    text: str,
    params: Mapping[str, Any] | None = None,
    *,
    limit: int | None = None,
    offset: int | None = None,
) -> list[Any]:
    """The objects that a query selects, each once, as far as the caller can see them.

    Parameters are plain Python values, lists of them, or omero.model objects. Raises omero.QueryException.
    """
    with _typed_errors(text):
        return find(call, text, from_plain(params or {}, limit=limit, offset=offset))


def rows(
    call: Call,
    text: str,
    params: Mapping[str, Any] | None = None,
    *,
    limit: int | None = None,
    offset: int | None = None,
) -> list[tuple[Any, ...]]:
    """What a query selects as tuples of plain Python values and omero.model objects.

    Times are milliseconds, values with units omero.model objects, permissions dicts. Raises omero.QueryException.
    """
    with _typed_errors(text):
        _, found = _select(call, text, from_plain(params or {}, limit=limit, offset=offset))
    return found


def find(call: Call, text: str, parameters: Parameters) -> list[Any]:
    """As `objects`, with prepared parameters."""
    with _typed_errors(text):
        plan = plan_query(call, text, parameters)
        if not plan.of_objects:
            raise errors.api_usage(
                f"the query selects values, not objects; use IQuery.projection for it: {text}"
            )
        with call.db.read() as connection:
            ids, found = _root_ids(call, connection, plan, parameters)
            graph = Graph(connection, call)
            target = plan.outputs[0].type
            graph.load(target, ids)
            _fetch(graph, plan, found)
            if call.caller.share is not None:
                check_fetched(connection, call, graph, plan.fetches)
            graph.finish()
    loaded = (graph.get(target, object_id) for object_id in ids)
    return [instance for instance in loaded if instance is not None]


def project(call: Call, text: str, parameters: Parameters) -> list[list[Any]]:
    """What a query selects as rows of Ice values.

    A row of one null arrives as an empty list, which is what OMERO.server sends and clients look for.
    """
    with _typed_errors(text):
        plan, found = _select(call, text, parameters)
    wrapped = (
        [_ice(output, value) for output, value in zip(plan.outputs, row, strict=True)] for row in found
    )
    if plan.form == "rows":
        return [[] if len(row) == 1 and row[0] is None else row for row in wrapped]
    if plan.form == "list":
        return [[rlist(row)] for row in wrapped]
    names = [output.alias or str(place) for place, output in enumerate(plan.outputs)]
    return [[rmap(dict(zip(names, row, strict=True)))] for row in wrapped]


def _select(call: Call, text: str, parameters: Parameters) -> tuple[Plan, list[tuple[Any, ...]]]:
    plan = plan_query(call, text, parameters)
    if plan.of_objects:
        return plan, [(instance,) for instance in find(call, text, parameters)]
    assert plan.rows is not None
    with call.db.read() as connection:
        found = plan.rows.rows(connection, _binds(call, parameters))
        graph = Graph(connection, call)
        for output in plan.outputs:
            if output.kind == "entity":
                graph.load(output.type, (row[output.start] for row in found))
        _fetch(graph, plan, found)
        graph.finish()
    read = _Reader(call, graph)
    return plan, [tuple(read.value(output, row) for output in plan.outputs) for row in found]


def _binds(call: Call, parameters: Parameters) -> dict[str, Any]:
    binds: dict[str, Any] = {parameter(name): value for name, value in parameters.values.items()}
    binds[CALLER] = call.caller.user_id
    if parameters.limit is not None:
        binds[LIMIT] = parameters.limit
    if parameters.offset is not None:
        binds[OFFSET] = parameters.offset
    return binds


def _root_ids(
    call: Call, connection: Connection, plan: Plan, parameters: Parameters
) -> tuple[list[int], Sequence[Any]]:
    """The ids of the selected objects, once each and in order, and the rows with the ids of what is fetched."""
    binds = _binds(call, parameters)
    if plan.roots is None:
        assert plan.rows is not None
        found = plan.rows.rows(connection, binds)
        ids = list(dict.fromkeys(row[0] for row in found if row[0] is not None))
        if plan.cut_late:
            start = parameters.offset or 0
            ids = ids[start : None if parameters.limit is None else start + parameters.limit]
            kept = set(ids)
            found = [row for row in found if row[0] in kept]
        return ids, found
    ids = [row[0] for row in plan.roots.rows(connection, binds) if row[0] is not None]
    if plan.rows is None:
        return ids, []
    return ids, plan.rows.rows(connection, binds | {PAGE: ids})


def _fetch(graph: Graph, plan: Plan, found: Sequence[Any]) -> None:
    fetches: Sequence[Fetch] = plan.fetches
    for fetch in fetches:
        graph.load(fetch.target, (row[fetch.column] for row in found))
    collections: dict[tuple[str, str], dict[int, list[int]]] = {}
    for fetch in fetches:
        if fetch.collection is None:
            continue
        members = collections.setdefault((fetch.owner, fetch.collection), {})
        for row in found:
            if row[fetch.owner_column] is not None:
                ids = members.setdefault(row[fetch.owner_column], [])
                if row[fetch.column] is not None:
                    ids.append(row[fetch.column])
    for (owner, name), members in collections.items():
        for owner_id, ids in members.items():
            graph.set_collection(owner, owner_id, name, ids)
    for class_name, name in plan.counts:
        graph.count(class_name, name)


class _Reader:
    """Reads plain values out of rows."""

    def __init__(self, call: Call, graph: Graph) -> None:
        self._call = call
        self._graph = graph
        self._permissions: dict[tuple[Any, ...], dict[str, Any]] = {}

    def value(self, output: Output, row: Sequence[Any]) -> Any:
        """The value of an output, None for null."""
        value = row[output.start]
        if value is None:
            return None
        if output.kind == "entity":
            return self._graph.get(output.type, value)
        if output.kind == "unit":
            return unit(output.type, value, row[output.start + 1])
        if output.kind == "permissions":
            return self._permissions_of(output, row)
        return PLAIN[output.kind](value)

    def _permissions_of(self, output: Output, row: Sequence[Any]) -> dict[str, Any]:
        directory = self._call.caller.directory
        if output.width > 1:
            key: tuple[Any, ...] = (row[output.start + 1], row[output.start + 2])
        else:
            key = (row[output.start] if output.type == "ExperimenterGroup" else directory.user_group,)
        known = (*key, targets(output.type))
        if known not in self._permissions:
            granted = rights(self._call.caller, *key) if len(key) > 1 else system_rights(self._call, key[0])
            self._permissions[known] = _as_dict(directory.permissions(key[-1]), told(granted, output.type))
        return self._permissions[known]


def _as_dict(perm: int, granted: Rights) -> dict[str, Any]:
    return {
        "perm": perm_text(perm),
        "canEdit": granted.edit,
        "canAnnotate": granted.annotate,
        "canLink": granted.link,
        "canDelete": granted.delete,
        "canChgrp": granted.chgrp,
        "canChown": granted.chown,
    }


def _ice(output: Output, value: Any) -> Any:
    if value is None:
        return None
    if output.kind == "entity":
        return robject(value)
    if output.kind == "unit":
        parts = {
            "value": rdouble(value.getValue()),
            "unit": rstring(value.getUnit().name),
            "symbol": rstring(value.getSymbol()),
        }
        return rmap(parts)
    if output.kind == "permissions":
        return rmap({name: rstring(part) if name == "perm" else rbool(part) for name, part in value.items()})
    return ICE[output.kind](value)


@contextmanager
def _typed_errors(text: str) -> Iterator[None]:
    """What is wrong with a query as omero.QueryException."""
    try:
        yield
    except HqlError as error:
        raise errors.query(str(error.within(text))) from None
    except RefusedStatementError as error:
        problem = str(error.cause)
        names = {cls.__name__ for cls in type(error.cause).__mro__}
        if any(words in problem.lower() for words in _TOO_LARGE):
            raise errors.query(f"the query is too large for the database: {problem}") from None
        if names & _MISFITS:
            raise errors.query(f"the database refuses the query: {problem} [{text}]") from None
        raise error.cause from None
