"""The syntax tree of an HQL query.

Nodes are immutable; `position` is the offset of the node's first character in the query text, for messages.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in an expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant; `kind` is int, long, float, double, string, bool or null."""

    value: Any
    kind: str


@dataclass(frozen=True, slots=True)
class Param(Node):
    """`:name`, or the name given to a positional one: its number."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Names joined by dots: an alias, a property, a class name."""

    names: tuple[str, ...]
    position: int

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function; `name` is in lower case; count(*) has no arguments."""

    name: str
    arguments: tuple[Node, ...]
    distinct: bool
    position: int


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """`cast(value as type)`."""

    value: Node
    type: str
    position: int


@dataclass(frozen=True, slots=True)
class Extract(Node):
    """`extract(part from value)`."""

    part: str
    value: Node
    position: int


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`case [subject] when … then … else … end`."""

    subject: Node | None
    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Logical negation."""

    value: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """Arithmetic negation."""

    value: Node


@dataclass(frozen=True, slots=True)
class Junction(Node):
    """`and` or `or` of two or more conditions."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """+ - * / % and ||."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """= != < > <= >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """`is [not] null`."""

    value: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class IsEmpty(Node):
    """`collection is [not] empty`."""

    value: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value [not] in` a list of expressions, or one subquery or elements()."""

    value: Node
    members: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Like(Node):
    """`value [not] like pattern [escape character]`."""

    value: Node
    pattern: Node
    escape: Node | None
    negated: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value [not] between low and high`."""

    value: Node
    low: Node
    high: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Subquery(Node):
    """A query used as a value."""

    query: Query


@dataclass(frozen=True, slots=True)
class Exists(Node):
    """`exists (query)`."""

    query: Query


@dataclass(frozen=True, slots=True)
class Item:
    """One selected expression with the name it was given."""

    value: Node
    alias: str | None


@dataclass(frozen=True, slots=True)
class Select:
    """What is selected; `form` is rows, map or list."""

    items: tuple[Item, ...]
    distinct: bool
    form: str


@dataclass(frozen=True, slots=True)
class Join:
    """One join of the from clause; `kind` is inner, left, right or full."""

    kind: str
    fetch: bool
    path: Path
    alias: str | None
    condition: Node | None


@dataclass(frozen=True, slots=True)
class From:
    """One class (or collection of an outer query) with its joins."""

    path: Path
    alias: str | None
    joins: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One key of the order."""

    value: Node
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query or subquery."""

    select: Select | None
    sources: tuple[From, ...]
    where: Node | None
    group_by: tuple[Node, ...]
    having: Node | None
    order_by: tuple[Order, ...]


N = TypeVar("N", bound=Node)


def map_children(node: N, change: Callable[[Node], Node]) -> N:
    """The node with every direct child expression replaced by `change(child)`; subqueries are not entered."""
    changed = {}
    for field in fields(node):
        value = getattr(node, field.name)
        new = _map_value(value, change)
        if new is not value:
            changed[field.name] = new
    return replace(node, **changed) if changed else node


def _map_value(value: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(value, Node):
        return change(value)
    if isinstance(value, tuple) and value and isinstance(value[0], (Node, tuple)):
        return tuple(_map_value(part, change) for part in value)
    return value
