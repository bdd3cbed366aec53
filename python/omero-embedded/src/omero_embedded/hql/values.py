"""SQL expressions with the OMERO kind of their value, and how database values become Ice values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.rtypes import rbool, rdouble, rfloat, rint, rlist, rlong, rstring, rtime
from sqlalchemy import BigInteger, Boolean, ColumnElement, Float, Integer, LargeBinary, Text

from omero_embedded.model.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.types import TypeEngine

NUMBERS = ("int", "long", "float", "double")

SQL_TYPES: dict[str, TypeEngine[Any]] = {
    "int": Integer(),
    "long": BigInteger(),
    "float": Float(53),
    "double": Float(53),
    "bool": Boolean(),
    "string": Text(),
    "time": BigInteger(),
    "bytes": LargeBinary(),
}

# Database value to plain Python value; PostgreSQL gives Decimal for sums, SQLite gives 0 and 1 for computed booleans.
PLAIN: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "bool": bool,
    "string": str,
    "time": int,
    "bytes": bytes,
    "strings": json.loads,
    "class": lambda name: SCHEMA[name].java_name,
    "null": lambda value: value,
}

# Plain Python value to Ice value.
ICE: dict[str, Callable[[Any], Any]] = {
    "int": rint,
    "long": rlong,
    "float": rfloat,
    "double": rdouble,
    "bool": rbool,
    "string": rstring,
    "time": rtime,
    "bytes": lambda value: rstring(value.decode("latin-1")),
    "strings": lambda texts: rlist([rstring(text) for text in texts]),
    "class": rstring,
    "null": lambda value: value,
}


@dataclass(frozen=True, slots=True)
class Value:
    """A SQL expression and the kind of its value."""

    sql: ColumnElement[Any]
    kind: str


def widest(kinds: Iterable[str]) -> str:
    """The kind that arithmetic on these kinds gives, as in Java."""
    present = set(kinds)
    return next(
        (kind for kind in reversed(NUMBERS) if kind in present), "double" if "null" not in present else "long"
    )


def common(kinds: Iterable[str]) -> str:
    """The kind of a value that is one of several, e.g. of coalesce."""
    present = [kind for kind in kinds if kind != "null"]
    if not present:
        return "null"
    return widest(present) if all(kind in NUMBERS for kind in present) else present[0]
