"""The functions of HQL on plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, func

from omero_embedded.hql.errors import HqlError, nearest
from omero_embedded.hql.values import Value, common, widest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _sum_kind(kinds: Sequence[str]) -> str:
    return "long" if kinds[0] in ("int", "long") else "double"


def _fixed(kind: str) -> Callable[[Sequence[str]], str]:
    return lambda _kinds: kind


# name: fewest arguments, most arguments, SQL function, kind of the result from the kinds of the arguments
_TABLE: dict[str, tuple[int, int, Callable[..., Any], Callable[[Sequence[str]], str]]] = {
    "lower": (1, 1, func.lower, _fixed("string")),
    "upper": (1, 1, func.upper, _fixed("string")),
    "trim": (1, 1, func.trim, _fixed("string")),
    "length": (1, 1, func.length, _fixed("int")),
    "substring": (2, 3, func.substr, _fixed("string")),
    "str": (1, 1, lambda value: cast(value, Text), _fixed("string")),
    "coalesce": (1, 20, func.coalesce, common),
    "nullif": (2, 2, func.nullif, lambda kinds: kinds[0]),
    "abs": (1, 1, func.abs, lambda kinds: kinds[0]),
    "mod": (2, 2, lambda left, right: left.self_group().op("%")(right.self_group()), widest),
    "sum": (1, 1, func.sum, _sum_kind),
    "avg": (1, 1, func.avg, _fixed("double")),
    "min": (1, 1, func.min, lambda kinds: kinds[0]),
    "max": (1, 1, func.max, lambda kinds: kinds[0]),
}
AGGREGATES = ("sum", "avg", "min", "max", "count")
OTHERS = (
    "count", "concat", "size", "index", "minindex", "maxindex", "elements", "type", "cast", "extract", "exists",
)  # fmt: skip


def apply(name: str, arguments: list[Value], *, distinct: bool, position: int) -> Value:
    """The function applied to its arguments; raises HqlError for an unknown one or a wrong number of arguments."""
    if name == "concat":
        sql = arguments[0].sql
        for argument in arguments[1:]:
            sql = sql.concat(argument.sql)
        return Value(sql, "string")
    if name not in _TABLE:
        known = sorted([*_TABLE, *OTHERS])
        raise HqlError(
            f"unknown function {name}{nearest(name, known)}; known are {', '.join(known)}", position
        )
    fewest, most, function, kind = _TABLE[name]
    if not fewest <= len(arguments) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise HqlError(f"{name} takes {wanted} argument(s), not {len(arguments)}", position)
    elements = [argument.sql for argument in arguments]
    if distinct:
        elements[0] = elements[0].distinct()
    return Value(function(*elements), kind([argument.kind for argument in arguments]))
