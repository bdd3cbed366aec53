"""omero.sys.Parameters and plain Python values to what a statement binds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.model

from omero_embedded import errors
from omero_embedded.hql.errors import HqlError
from omero_embedded.hql.expressions import LIST
from omero_embedded.hql.values import common

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCALARS: tuple[tuple[type[Any], str], ...] = (
    (omero.RLong, "long"),
    (omero.RInt, "int"),
    (omero.RString, "string"),
    (omero.RBool, "bool"),
    (omero.RDouble, "double"),
    (omero.RFloat, "float"),
    (omero.RTime, "time"),
)
_PLAIN: tuple[tuple[type[Any], str], ...] = (
    (bool, "bool"),
    (int, "long"),
    (float, "double"),
    (str, "string"),
    (bytes, "bytes"),
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values by name, their kinds by name, and the page asked for."""

    values: Mapping[str, Any]
    shapes: Mapping[str, str]
    limit: int | None = None
    offset: int | None = None


def from_plain(
    values: Mapping[str, Any], *, limit: int | None = None, offset: int | None = None
) -> Parameters:
    """Parameters of plain Python values, omero.model objects (their id counts) and lists of them."""
    plain: dict[str, Any] = {}
    shapes: dict[str, str] = {}
    for name, value in values.items():
        plain[name], shapes[name] = _bound(name, value)
    return Parameters(plain, shapes, limit, offset)


def from_ice(parameters: Any) -> Parameters:
    """Parameters of omero.sys.Parameters, which may be None.

    Of theFilter, limit and offset count; a string query names owner and group itself, as in OMERO.server.
    """
    if parameters is None:
        return Parameters({}, {})
    the_filter = parameters.theFilter
    limit = _number(the_filter.limit) if the_filter is not None else None
    offset = _number(the_filter.offset) if the_filter is not None else None
    try:
        return from_plain(parameters.map or {}, limit=limit, offset=offset or None)
    except HqlError as error:
        raise errors.query(str(error)) from None


def _number(value: Any) -> int | None:
    return None if value is None else int(value.getValue())


def _bound(name: str, value: Any) -> tuple[Any, str]:
    """What is bound for a value, and its kind."""
    if isinstance(value, omero.RCollection):
        return _list(name, value.getValue() or [])
    if isinstance(value, list | tuple | set | frozenset | range):
        return _list(name, list(value))
    return _single(name, value)


def _single(name: str, value: Any) -> tuple[Any, str]:
    if value is None:
        return None, "null"
    for type_, kind in _SCALARS:
        if isinstance(value, type_):
            return value.getValue(), kind
    for type_, kind in _PLAIN:
        if isinstance(value, type_):
            return value, kind
    if isinstance(value, omero.RObject):
        value = value.getValue()
        if value is None:
            return None, "null"
    if isinstance(value, omero.model.IObject) and value.getId() is not None:
        return value.getId().getValue(), "long"
    if isinstance(value, omero.RClass):
        return value.getValue().rpartition(".")[2], "string"
    raise HqlError(
        f"the parameter :{name} has a value of type {type(value).__name__}, which a query cannot compare with"
    )


def _list(name: str, values: list[Any]) -> tuple[list[Any], str]:
    bound = [_bound(name, value) for value in values]
    kinds = {kind for _, kind in bound}
    if any(kind.startswith(LIST) for kind in kinds):
        raise HqlError(f"the parameter :{name} is a list of lists")
    return [value for value, _ in bound], LIST + (common(sorted(kinds)) if kinds else "long")
