"""Resolved expressions to SQL."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)

from omero_embedded.hql import syntax as s
from omero_embedded.hql.errors import HqlError
from omero_embedded.hql.functions import apply
from omero_embedded.hql.resolve import ExistsResolved, Resolved
from omero_embedded.hql.sources import (
    Attribute,
    ClassName,
    ClassOf,
    Entity,
    ManyOf,
    Measure,
    Permissions,
    Reference,
    Source,
    ToMany,
)
from omero_embedded.hql.values import NUMBERS, SQL_TYPES, Value, common, widest
from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.store.tables import MAP_TABLES, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omero_embedded.hql.from_clause import Tables

_CASTS = {
    "int": "int", "integer": "int", "long": "long", "big_integer": "long", "short": "int", "byte": "int",
    "float": "float", "double": "double", "big_decimal": "double", "string": "string", "text": "string",
    "boolean": "bool", "bool": "bool",
}  # fmt: skip
LIST = "list:"
LIKE_ESCAPE = "\\"  # of a pattern that names no other; PostgreSQL's, SQLite has none


def parameter(name: str) -> str:
    """The bind name of a parameter; apart from the names the statement itself uses."""
    return f"p_{name}"


class Expressions:
    """Renders expressions over the tables of a statement.

    `shapes` gives the kind of every parameter: int, string …, or list:int for a list.
    """

    def __init__(
        self, tables: Tables, shapes: Mapping[str, str], subselect: Callable[[Resolved], Select[Any]]
    ) -> None:
        self._tables = tables
        self._shapes = shapes
        self._subselect = subselect

    def value(self, node: s.Node) -> Value:
        """The SQL of an expression and the kind of its value."""
        render = getattr(self, f"_{type(node).__name__.lower()}")
        value: Value = render(node)
        return value

    def condition(self, node: s.Node) -> ColumnElement[bool]:
        """The SQL of a condition."""
        return self.value(node).sql

    # -- sources -----------------------------------------------------------------------------------------------

    def _entity(self, node: Entity) -> Value:
        return Value(self._tables.id(node.source), "long")

    def _attribute(self, node: Attribute) -> Value:
        return Value(self._tables.column(node.source, node.columns), node.kind)

    def _reference(self, node: Reference) -> Value:
        return Value(self._tables.column(node.source, node.link.columns), "long")

    def _measure(self, node: Measure) -> Value:
        return Value(self._tables.column(node.source, node.columns), "double")

    def _classof(self, node: ClassOf) -> Value:
        if not node.source.model.polymorphic:
            return Value(literal(node.source.model.name), "class")
        return Value(self._tables.column(node.source, ("discriminator",)), "class")

    def _classname(self, node: ClassName) -> Value:
        return Value(literal(node.name), "class")

    def _permissions(self, _node: Permissions) -> Value:
        raise HqlError("details.permissions can be selected, but not compared or computed with")

    def _manyof(self, node: ManyOf) -> Value:
        raise HqlError(
            f"{node.source.name.split('_')[0]}: a collection is not a value; join it, or use size() or elements()"
        )

    def _resolved(self, node: Resolved) -> Value:
        statement = self._subselect(node)
        kind = self.value(node.items[0].value).kind
        return Value(statement.scalar_subquery(), kind)

    def _existsresolved(self, node: ExistsResolved) -> Value:
        return Value(exists(self._subselect(node.query)), "bool")

    # -- constants ---------------------------------------------------------------------------------------------

    def _literal(self, node: s.Literal) -> Value:
        if node.kind == "null":
            return Value(null(), "null")
        return Value(literal(node.value, SQL_TYPES[node.kind]), node.kind)

    def _shape(self, node: s.Param) -> str:
        if node.name not in self._shapes:
            given = ", ".join(f":{name}" for name in sorted(self._shapes)) or "none"
            raise HqlError(f"the parameter :{node.name} has no value; given are {given}", node.position)
        return self._shapes[node.name]

    def _param(self, node: s.Param) -> Value:
        kind = self._shape(node)
        if kind.startswith(LIST):
            raise HqlError(
                f"the parameter :{node.name} is a list; use it with in (:{node.name})", node.position
            )
        return Value(bindparam(parameter(node.name), type_=SQL_TYPES.get(kind)), kind)

    # -- logic -------------------------------------------------------------------------------------------------

    def _junction(self, node: s.Junction) -> Value:
        join = and_ if node.operator == "and" else or_
        return Value(join(*(self.condition(part) for part in node.parts)), "bool")

    def _not(self, node: s.Not) -> Value:
        return Value(not_(self.condition(node.value)), "bool")

    def _isnull(self, node: s.IsNull) -> Value:
        sql = self.value(node.value).sql
        return Value(sql.is_not(None) if node.negated else sql.is_(None), "bool")

    def _isempty(self, node: s.IsEmpty) -> Value:
        found = exists(self._elements(node.value, "is empty"))
        return Value(found if node.negated else not_(found), "bool")

    def _comparison(self, node: s.Comparison) -> Value:
        left, right = self._alike(
            self._operand(node.left, node.operator), self._operand(node.right, node.operator)
        )
        if isinstance(right, tuple):
            return Value(
                left.sql.in_(right[0]) if node.operator == "=" else left.sql.not_in(right[0]), "bool"
            )
        operations: dict[str, Callable[[Any, Any], Any]] = {
            "=": lambda a, b: a == b,
            "!=": lambda a, b: a != b,
            "<": lambda a, b: a < b,
            ">": lambda a, b: a > b,
            "<=": lambda a, b: a <= b,
            ">=": lambda a, b: a >= b,
        }
        if node.operator in ("=", "!=") and "null" in (left.kind, right.kind):
            # Unknown for a parameter without a value, as in SQL; SQLAlchemy would make it `is null`.
            return Value(left.sql.op("=" if node.operator == "=" else "!=")(right.sql), "bool")
        return Value(operations[node.operator](left.sql, right.sql), "bool")

    def _operand(self, node: s.Node, operator: str) -> Any:
        """A value, or (parameter,) for a list compared with = or !=, which OMERO clients do with one-element lists."""
        if isinstance(node, s.Param) and self._shape(node).startswith(LIST) and operator in ("=", "!="):
            return (self._list(node),)
        return self.value(node)

    def _alike(self, left: Any, right: Any) -> tuple[Any, Any]:
        """Both sides in one kind, where a text stands for a class or a time, or 0 and 1 for a boolean."""
        if isinstance(left, tuple):
            left, right = right, left
        if isinstance(right, tuple):
            return left, right
        return _as_kind(left, right.kind), _as_kind(right, left.kind)

    def _list(self, node: s.Param) -> Any:
        kind = self._shape(node).removeprefix(LIST)
        return bindparam(parameter(node.name), type_=SQL_TYPES.get(kind), expanding=True)

    def _in(self, node: s.In) -> Value:
        value = self.value(node.value)
        lists: list[Any] = []
        single: list[ColumnElement[Any]] = []
        for member in node.members:
            if isinstance(member, s.Param) and self._shape(member).startswith(LIST):
                lists.append(self._list(member))
            elif isinstance(member, Resolved):
                lists.append(self._subselect(member))
            elif isinstance(member, s.Call) and member.name == "elements":
                lists.append(self._elements(member.arguments[0], "elements"))
            else:
                single.append(_as_kind(self.value(member), value.kind).sql)
        found = [value.sql.in_(members) for members in ([*lists, single] if single else lists)]
        inside = or_(*found) if found else false()
        return Value(not_(inside) if node.negated else inside, "bool")

    def _like(self, node: s.Like) -> Value:
        value, pattern = self.value(node.value).sql, self.value(node.pattern).sql
        escape = node.escape.value if isinstance(node.escape, s.Literal) else LIKE_ESCAPE
        found = value.like(pattern, escape=escape)
        return Value(not_(found) if node.negated else found, "bool")

    def _between(self, node: s.Between) -> Value:
        value = self.value(node.value)
        low, high = (_as_kind(self.value(part), value.kind).sql for part in (node.low, node.high))
        found = value.sql.between(low, high)
        return Value(not_(found) if node.negated else found, "bool")

    # -- arithmetic --------------------------------------------------------------------------------------------

    def _binary(self, node: s.Binary) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if node.operator == "||":
            return Value(_text(left).concat(_text(right)), "string")
        kind = widest((left.kind, right.kind))
        if "time" in (left.kind, right.kind):
            kind = "long"
        # The databases' own `/` divides whole numbers as Java does; SQLAlchemy's would not.
        sql = left.sql.self_group().op(node.operator, return_type=SQL_TYPES[kind])(right.sql.self_group())
        return Value(sql.self_group(), kind)

    def _negative(self, node: s.Negative) -> Value:
        value = self.value(node.value)
        return Value(-value.sql, value.kind)

    def _case(self, node: s.Case) -> Value:
        results = [self.value(result) for _, result in node.whens]
        otherwise = self.value(node.otherwise) if node.otherwise else Value(null(), "null")
        conditions = []
        for condition, _ in node.whens:
            if node.subject is None:
                conditions.append(self.condition(condition))
            else:
                conditions.append(self._comparison(s.Comparison("=", node.subject, condition)).sql)
        whens = [(condition, result.sql) for condition, result in zip(conditions, results, strict=True)]
        return Value(case(*whens, else_=otherwise.sql), common([*(r.kind for r in results), otherwise.kind]))

    def _cast(self, node: s.Cast) -> Value:
        kind = _CASTS.get(node.type)
        if kind is None:
            raise HqlError(
                f"cannot cast to {node.type}; known types are {', '.join(sorted(_CASTS))}", node.position
            )
        return Value(cast(self.value(node.value).sql, SQL_TYPES[kind]), kind)

    def _extract(self, node: s.Extract) -> Value:
        value = self.value(node.value)
        if node.part != "epoch" or value.kind != "time":
            raise HqlError(
                f"extract({node.part} from …) is not supported; extract(epoch from a time) is", node.position
            )
        return Value(cast(value.sql, Float(53)) / 1000.0, "double")

    # -- functions ---------------------------------------------------------------------------------------------

    def _call(self, node: s.Call) -> Value:
        special = getattr(self, f"_call_{node.name}", None)
        if special is not None:
            value: Value = special(node)
            return value
        arguments = [self.value(argument) for argument in node.arguments]
        return apply(node.name, arguments, distinct=node.distinct, position=node.position)

    def _call_count(self, node: s.Call) -> Value:
        if not node.arguments:
            return Value(func.count(), "long")
        sql = self.value(node.arguments[0]).sql
        return Value(func.count(sql.distinct() if node.distinct else sql), "long")

    def _call_type(self, node: s.Call) -> Value:
        argument = node.arguments[0] if node.arguments else None
        if isinstance(argument, Entity):
            argument = ClassOf(argument.source)
        if not isinstance(argument, ClassOf):
            raise HqlError("type(…) takes an alias or alias.class", node.position)
        return self._classof(argument)

    def _call_size(self, node: s.Call) -> Value:
        elements = self._elements(node.arguments[0], "size").subquery()
        return Value(select(func.count()).select_from(elements).scalar_subquery(), "long")

    def _call_index(self, node: s.Call) -> Value:
        return Value(self._tables.index(self._listed(node)), "int")

    def _call_minindex(self, node: s.Call) -> Value:
        return Value(func.min(self._tables.index(self._listed(node))), "int")

    def _call_maxindex(self, node: s.Call) -> Value:
        return Value(func.max(self._tables.index(self._listed(node))), "int")

    def _call_elements(self, node: s.Call) -> Value:
        raise HqlError("elements(…) can only be used as `value in elements(…)`", node.position)

    def _listed(self, node: s.Call) -> Source:
        argument = node.arguments[0] if node.arguments else None
        if not isinstance(argument, Entity) or not self._tables.has(argument.source):
            raise HqlError(
                f"{node.name}(…) takes the alias of a joined list, e.g. join p.channels c … index(c)",
                node.position,
            )
        if not self._tables.indexed(argument.source):
            raise HqlError(
                f"{node.name}(…): {argument.source.model.name} is not kept in a list", node.position
            )
        return argument.source

    def _elements(self, node: s.Node, what: str) -> Select[Any]:
        """The ids of the elements of a collection that the caller can see."""
        if not isinstance(node, ManyOf):
            raise HqlError(f"{what} needs a collection, e.g. dataset.imageLinks")
        owner = self._tables.id(node.source)
        if not isinstance(node.link, ToMany):
            pairs = MAP_TABLES[node.link.cls, node.link.field.name].alias()
            return select(pairs.c.owner_id).where(pairs.c.owner_id == owner).correlate_except(pairs)
        table = TABLES[SCHEMA[node.link.target].root].alias()
        statement = select(table.c.id).where(table.c[node.link.column] == owner, *self._tables.visible(table))
        return statement.correlate_except(table)


def _text(value: Value) -> ColumnElement[Any]:
    return value.sql if value.kind == "string" else cast(value.sql, SQL_TYPES["string"])


def _as_kind(value: Value, kind: str) -> Value:
    """A literal in the kind of what it is compared with."""
    constant = getattr(value.sql, "value", None)
    if kind == "class" and value.kind == "string" and isinstance(constant, str):
        try:
            return Value(literal(SCHEMA.resolve(constant).name), "class")
        except UnknownClassError as error:
            raise HqlError(str(error)) from None
    if kind == "time" and value.kind == "string" and isinstance(constant, str):
        return Value(literal(_milliseconds(constant), SQL_TYPES["time"]), "time")
    if kind == "bool" and value.kind == "int" and constant in (0, 1):
        return Value(literal(bool(constant), SQL_TYPES["bool"]), "bool")
    if kind in NUMBERS and value.kind == "string" and isinstance(constant, str):
        return _number(constant, kind)
    return value


def _number(text: str, kind: str) -> Value:
    try:
        number = int(text) if kind in ("int", "long") else float(text)
    except ValueError:
        raise HqlError(f"'{text}' is compared with a number but is none") from None
    return Value(literal(number, SQL_TYPES["long" if isinstance(number, int) else "double"]), kind)


def _milliseconds(text: str) -> int:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise HqlError(
            f"'{text}' is compared with a time but is none; write it as 2024-12-31 23:59:59"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return int(moment.timestamp() * 1000)
