"""Queries ready to run: parsed, resolved and turned into SQL once per text, kinds of parameters and view of the store."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam

from omero_embedded.graphs.load_rows import sees_session_keys
from omero_embedded.hql.errors import HqlError
from omero_embedded.hql.from_clause import CALLER, View
from omero_embedded.hql.parse import parse
from omero_embedded.hql.prepared import Prepared
from omero_embedded.hql.resolve import Resolved, resolve
from omero_embedded.hql.sources import Entity, Source
from omero_embedded.hql.statement import Fetch, Output, Statements, of_page, paged
from omero_embedded.security.filters import readable_groups, visible

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from sqlalchemy import Select

    from omero_embedded.hql.params import Parameters
    from omero_embedded.security.context import Call

_KEPT_PLANS = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """The statements of a query.

    `roots` lists the selected objects where `rows` would repeat them; it comes first, and `rows` then reads what belongs
    to them. `cut_late` says that the page can only be cut out of the rows. `counts` are the (class, collection) whose
    elements are counted by owner.
    """

    rows: Prepared | None
    roots: Prepared | None
    outputs: tuple[Output, ...]
    fetches: tuple[Fetch, ...]
    form: str
    cut_late: bool
    counts: tuple[tuple[str, str], ...] = ()

    @property
    def of_objects(self) -> bool:
        """Whether the query selects one object per row."""
        return self.form == "rows" and len(self.outputs) == 1 and self.outputs[0].kind == "entity"


class _Plans:
    """The plans used last."""

    def __init__(self) -> None:
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Plan | None:
        with self._lock:
            if key in self._plans:
                self._plans.move_to_end(key)
            return self._plans.get(key)

    def put(self, key: Hashable, plan: Plan) -> None:
        with self._lock:
            self._plans[key] = plan
            if len(self._plans) > _KEPT_PLANS:
                self._plans.popitem(last=False)


_PLANS = _Plans()


def plan_query(call: Call, text: str, parameters: Parameters) -> Plan:
    """The plan of a query for a caller; raises HqlError."""
    limit, offset = parameters.limit is not None, parameters.offset is not None
    dialect = call.db.engine.dialect
    key = (text, tuple(sorted(parameters.shapes.items())), limit, offset, dialect.name, _view(call))
    plan = _PLANS.get(key)
    if plan is None:
        try:
            plan = _make(call, _resolved(text), parameters.shapes, limit=limit, offset=offset)
        except HqlError as error:
            raise error.within(text) from None
        except RecursionError:
            raise HqlError("the query is nested too deeply").within(text) from None
        _PLANS.put(key, plan)
    return plan


@functools.lru_cache(maxsize=_KEPT_PLANS)
def _resolved(text: str) -> Resolved:
    return resolve(parse(text))


def _view(call: Call) -> Hashable:
    """What the rows that a caller sees depend on."""
    if call.caller.share is not None:
        return ("share", call.caller.share)
    if call.caller.is_admin:
        return (call.group, sees_session_keys(call))
    whole, own = readable_groups(call)
    if own is None:
        return (tuple(sorted(whole)), None, call.caller.user_id)
    return (tuple(sorted(whole)), tuple(sorted(own)), call.caller.user_id if own else None)


def _make(call: Call, query: Resolved, shapes: Mapping[str, str], *, limit: bool, offset: bool) -> Plan:
    user = bindparam(CALLER, type_=BigInteger())
    view = View(lambda table: visible(call, table, user), sees_session_keys(call))
    statements = Statements(query, shapes, view)
    rows, outputs, fetches = statements.whole()
    roots: Select[Any] | None = None
    cut_late = False
    root = _selected_object(query)
    if root is None or not statements.repeats(root):
        rows = paged(rows, limit=limit, offset=offset)
    elif limit or offset or not fetches:
        found, ordered = statements.roots(root)
        cut_late = not ordered
        if ordered:
            roots = paged(found, limit=limit, offset=offset)
            rows = of_page(rows, rows.selected_columns[0])
    dialect = call.db.engine.dialect
    return Plan(
        rows=None if roots is not None and not fetches else Prepared(rows, dialect),
        roots=None if roots is None else Prepared(roots, dialect),
        outputs=outputs,
        fetches=fetches,
        form=query.form,
        cut_late=cut_late,
        counts=tuple(
            dict.fromkeys((source.model.name, name) for source in query.sources for name in source.counts)
        ),
    )


def _selected_object(query: Resolved) -> Source | None:
    if query.form != "rows" or len(query.items) != 1 or not isinstance(query.items[0].value, Entity):
        return None
    return query.items[0].value.source
