"""HQL text to syntax tree, with errors that point at the place."""

from __future__ import annotations

import functools
from pathlib import Path as File
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedEOF, UnexpectedInput

from omero_embedded.hql import syntax as s
from omero_embedded.hql.errors import HqlError

_SHOWN_ALTERNATIVES = 8
_LARGEST_INT = 2**31 - 1
_LARGEST_LONG = 2**63 - 1
_NAMES = {
    "NAME": "a name",
    "NAMED": "a :parameter",
    "INTEGER": "a number",
    "STRING": "a 'string'",
    "COMPARISON": "a comparison (= != < > <= >=)",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "DOT": ".",
    "$END": "the end of the query",
}
_HIDDEN = {
    "POSITIONAL", "DECIMAL", "TRUE", "FALSE", "NULL", "CONCAT", "PLUS", "MINUS", "STAR", "SLASH", "PERCENT", "CASE",
    "ESCAPE", "MEMBER_OF", "BETWEEN", "RIGHT", "FULL", "EMPTY",
}  # fmt: skip


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> s.Query:
    """The syntax tree of an HQL query; raises HqlError with line, column and what was expected."""
    try:
        query: s.Query = _parser().parse(text)  # type: ignore[assignment]  # the transformer makes it a Query
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from None
    except HqlError as error:
        raise error.within(text) from None
    except RecursionError:
        raise HqlError("the query is nested too deeply") from None
    return query


@functools.cache
def _parser() -> Lark:
    grammar = File(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_ToSyntax(), maybe_placeholders=False)


def _syntax_error(text: str, error: UnexpectedInput) -> HqlError:
    token = getattr(error, "token", None)
    ended = isinstance(error, UnexpectedEOF) or (token is not None and token.type == "$END")
    position = len(text) if ended else error.pos_in_stream or 0
    unexpected = text[position : position + 1] if token is None else token
    found = "the end of the query" if ended else f"'{unexpected}'"
    expected = set(getattr(error, "expected", None) or getattr(error, "allowed", None) or ())
    names = sorted(
        (_NAMES.get(name, name.replace("_", " ")) for name in expected - _HIDDEN), key=_reading_order
    )
    shown = ", ".join(names[:_SHOWN_ALTERNATIVES]) + (" …" if len(names) > _SHOWN_ALTERNATIVES else "")
    return HqlError(f"unexpected {found}; expected {shown or 'nothing more'}", position).within(text)


def _reading_order(name: str) -> tuple[int, str]:
    """Descriptions first, then keywords, then punctuation."""
    return (0 if name.startswith(("a ", "the ")) else 1 if name[0].isalpha() else 2, name)


@v_args(inline=True)
class _ToSyntax(Transformer):  # type: ignore[type-arg]
    """Builds the tree while lark parses; one method per rule of the grammar."""

    def start(self, query: s.Query) -> s.Query:
        return query

    def query(self, *clauses: Any) -> s.Query:
        parts = dict(clauses)
        group_by, having = parts.get("group", ((), None))
        return s.Query(
            parts.get("select"), parts["from"], parts.get("where"), group_by, having, parts.get("order", ())
        )

    def select_rows(self, *parts: Any) -> tuple[str, s.Select]:
        return "select", s.Select(parts[-1], _has(parts, "DISTINCT"), "rows")

    def select_new(self, *parts: Any) -> tuple[str, s.Select]:
        name = parts[-2]
        form = name.lower()
        if form not in ("map", "list"):
            raise HqlError(f"new {name}(…) cannot be made; use new map(…) or new list(…)", name.start_pos)
        return "select", s.Select(parts[-1], _has(parts, "DISTINCT"), form)

    def items(self, *items: s.Item) -> tuple[s.Item, ...]:
        return items

    def item(self, value: s.Node, _as: Any = None, name: Any = None) -> s.Item:
        return s.Item(value, str(name) if name else None)

    def from_(self, _from: Any, *sources: s.From) -> tuple[str, tuple[s.From, ...]]:
        return "from", sources

    def from_item(self, path: s.Path, *rest: Any) -> s.From:
        joins = tuple(part for part in rest if isinstance(part, s.Join))
        return s.From(path, _alias(rest), joins)

    def join(self, *parts: Any) -> s.Join:
        kind = next((part[1] for part in parts if isinstance(part, tuple) and part[0] == "kind"), "inner")
        condition = next((part[1] for part in parts if isinstance(part, tuple) and part[0] == "with"), None)
        path = next(part for part in parts if isinstance(part, s.Path))
        return s.Join(kind, _has(parts, "FETCH"), path, _alias(parts), condition)

    def join_kind(self, kind: Token, _outer: Any = None) -> tuple[str, str]:
        return "kind", kind.lower()

    def with_(self, _with: Any, condition: s.Node) -> tuple[str, s.Node]:
        return "with", condition

    def where(self, _where: Any, condition: s.Node) -> tuple[str, s.Node]:
        return "where", condition

    def group(self, _group: Any, *keys: Any) -> tuple[str, tuple[tuple[s.Node, ...], s.Node | None]]:
        having = keys[-1][1] if isinstance(keys[-1], tuple) else None
        return "group", (tuple(key for key in keys if isinstance(key, s.Node)), having)

    def having(self, _having: Any, condition: s.Node) -> tuple[str, s.Node]:
        return "having", condition

    def order(self, _order: Any, *keys: s.Order) -> tuple[str, tuple[s.Order, ...]]:
        return "order", keys

    def order_item(self, value: s.Node, direction: Token | None = None) -> s.Order:
        return s.Order(value, direction is not None and direction.type == "DESC")

    def or_(self, *parts: Any) -> s.Node:
        return s.Junction("or", _nodes(parts))

    def and_(self, *parts: Any) -> s.Node:
        return s.Junction("and", _nodes(parts))

    def negation(self, _not: Any, value: s.Node) -> s.Node:
        return s.Not(value)

    def comparison(self, left: s.Node, operator: Token, right: s.Node) -> s.Node:
        name = {"<>": "!=", "^=": "!="}.get(operator, str(operator))
        if name in ("=", "!="):  # Hibernate reads a comparison with a literal null as `is [not] null`
            for null, other in ((right, left), (left, right)):
                if isinstance(null, s.Literal) and null.kind == "null":
                    return s.IsNull(other, name == "!=")
        return s.Comparison(name, left, right)

    def is_null(self, value: s.Node, *words: Token) -> s.Node:
        return s.IsNull(value, _has(words, "NOT"))

    def is_empty(self, value: s.Node, *words: Token) -> s.Node:
        return s.IsEmpty(value, _has(words, "NOT"))

    def is_same(self, value: s.Node, *rest: Any) -> s.Node:
        other = rest[-1]
        if isinstance(other, Token):
            other = s.Literal(other.type == "TRUE", "bool")
        return s.Comparison("!=" if _has(rest, "NOT") else "=", value, other)

    def is_in(self, value: s.Node, *rest: Any) -> s.Node:
        return s.In(value, rest[-1], _has(rest, "NOT"))

    def members(self, *members: Any) -> tuple[s.Node, ...]:
        return tuple(s.Subquery(member) if isinstance(member, s.Query) else member for member in members)

    def is_like(self, value: s.Node, *rest: Any) -> s.Node:
        nodes = _nodes(rest)
        return s.Like(value, nodes[0], nodes[1] if len(nodes) > 1 else None, _has(rest, "NOT"))

    def is_between(self, value: s.Node, *rest: Any) -> s.Node:
        low, high = _nodes(rest)
        return s.Between(value, low, high, _has(rest, "NOT"))

    def member_of(self, value: s.Node, *rest: Any) -> s.Node:
        path = rest[-1]
        return s.In(value, (s.Call("elements", (path,), False, path.position),), _has(rest, "NOT"))

    def concat(self, *parts: Any) -> s.Node:
        return functools.reduce(lambda left, right: s.Binary("||", left, right), _nodes(parts))

    def binary(self, left: s.Node, operator: Token, right: s.Node) -> s.Node:
        return s.Binary(str(operator), left, right)

    def negative(self, _minus: Any, value: s.Node) -> s.Node:
        if isinstance(value, s.Literal) and value.kind != "string":
            return s.Literal(-value.value, value.kind)
        return s.Negative(value)

    def positive(self, _plus: Any, value: s.Node) -> s.Node:
        return value

    def subquery(self, query: s.Query) -> s.Node:
        return s.Subquery(query)

    def path(self, *names: Token) -> s.Path:
        return s.Path(tuple(str(name) for name in names), names[0].start_pos or 0)

    def call_empty(self, name: Token) -> s.Node:
        return s.Call(name.lower(), (), False, name.start_pos or 0)

    def call_star(self, name: Token, _star: Any) -> s.Node:
        return s.Call(name.lower(), (), False, name.start_pos or 0)

    def call(self, name: Token, *rest: Any) -> s.Node:
        return s.Call(name.lower(), _nodes(rest), _has(rest, "DISTINCT"), name.start_pos or 0)

    def cast(self, name: Token, value: s.Node, _as: Any, type_: Token) -> s.Node:
        if name.lower() != "cast":
            raise HqlError(f"unexpected 'as' in {name}(…); only cast(… as type) has one", name.start_pos)
        return s.Cast(value, type_.lower(), name.start_pos or 0)

    def extract(self, name: Token, part: Token, _from: Any, value: s.Node) -> s.Node:
        if name.lower() != "extract":
            raise HqlError(f"unexpected 'from' in {name}(…); only extract(… from …) has one", name.start_pos)
        return s.Extract(part.lower(), value, name.start_pos or 0)

    def call_query(self, name: Token, query: s.Query) -> s.Node:
        if name.lower() != "exists":
            raise HqlError(
                f"{name}(select …) is not supported; exists, in and a plain (select …) are", name.start_pos
            )
        return s.Exists(query)

    def case(self, _case: Any, *parts: Any) -> s.Node:
        subject = parts[0] if isinstance(parts[0], s.Node) else None
        whens = tuple(part[1:] for part in parts if isinstance(part, tuple) and part[0] == "when")
        otherwise = next((part[1] for part in parts if isinstance(part, tuple) and part[0] == "else"), None)
        return s.Case(subject, whens, otherwise)

    def when(self, _when: Any, condition: s.Node, _then: Any, value: s.Node) -> tuple[str, s.Node, s.Node]:
        return "when", condition, value

    def else_(self, _else: Any, value: s.Node) -> tuple[str, s.Node]:
        return "else", value

    def param(self, token: Token) -> s.Node:
        return s.Param(token[1:] or "0", token.start_pos or 0)

    def decimal(self, token: Token) -> s.Node:
        single = token[-1] in "fF"
        return s.Literal(float(token.rstrip("fFdD")), "float" if single else "double")

    def integer(self, token: Token) -> s.Node:
        value = int(token.rstrip("lL"))
        if value > _LARGEST_LONG:
            raise HqlError(f"the number {token} is too large for a long", token.start_pos)
        return s.Literal(value, "long" if token[-1] in "lL" or value > _LARGEST_INT else "int")

    def string(self, token: Token) -> s.Node:
        return s.Literal(token[1:-1].replace("''", "'"), "string")

    def true(self, _token: Token) -> s.Node:
        return s.Literal(True, "bool")

    def false(self, _token: Token) -> s.Node:
        return s.Literal(False, "bool")

    def null(self, _token: Token) -> s.Node:
        return s.Literal(None, "null")


def _has(parts: tuple[Any, ...], token_type: str) -> bool:
    return any(isinstance(part, Token) and part.type == token_type for part in parts)


def _nodes(parts: tuple[Any, ...]) -> tuple[s.Node, ...]:
    return tuple(part for part in parts if isinstance(part, s.Node))


def _alias(parts: tuple[Any, ...]) -> str | None:
    return next((str(part) for part in parts if isinstance(part, Token) and part.type == "NAME"), None)
