"""Statements compiled once and run often, straight on the database's driver.

SQLAlchemy spends several times as long on preparing a cached statement and its result as SQLite does on answering it.
"""

from __future__ import annotations

import functools
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Select

_LIST = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
# SQLite takes 32,766 variables in a statement; longer lists are written into its text.
_MOST_VARIABLES = 20_000


class RefusedStatementError(Exception):
    """The database's driver refuses a statement or a value; `cause` is its own error."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Prepared:
    """A select statement in the words of one database."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=_named(dialect))
        assert isinstance(compiled, SQLCompiler)
        self._pyformat = compiled.bindtemplate.startswith("%")
        self._empty = {name: _nothing(compiled, name) for name in _LIST.findall(compiled.string)}
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._constants: dict[str, Any] = {}
        self._text = self._expand(compiled.string, constants, self._constants)
        self._names = tuple(compiled.params)
        self._constants |= {name: value for name, value in compiled.params.items() if name not in self._empty}
        self._lists = tuple(name for name in self._empty if f"_{name}]" in self._text)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """All rows for these values of the parameters; those that the statement does not have are ignored.

        Raises RefusedStatementError.
        """
        binds = dict(self._constants)
        for name in self._names:
            if name in values and name not in self._empty:
                binds[name] = values[name]
        text = self._expand(self._text, values, binds) if self._lists else self._text
        driver = connection.dialect.loaded_dbapi
        with closing(connection.connection.cursor()) as cursor:
            try:
                cursor.execute(text, binds)
            except (driver.Error, OverflowError) as error:
                raise RefusedStatementError(error) from None
            return cursor.fetchall()

    def _expand(self, text: str, values: Mapping[str, Any], binds: dict[str, Any]) -> str:
        """The text with the lists that have values written as one variable per element."""

        def variables(match: re.Match[str]) -> str:
            name = match[1]
            if name not in values:
                return match[0]
            members = values[name]
            if not members:
                return self._empty[name]
            if len(members) > _MOST_VARIABLES:
                return ", ".join(self._literal(member) for member in members)
            names = [f"{name}__{place}" for place in range(len(members))]
            binds.update(zip(names, members, strict=True))
            return ", ".join(f"%({one})s" if self._pyformat else f":{one}" for one in names)

        return _LIST.sub(variables, text)

    def _literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, str):
            text = "'" + value.replace("'", "''") + "'"
            return text.replace("%", "%%") if self._pyformat else text
        return repr(value)


def _nothing(compiled: SQLCompiler, name: str) -> str:
    """What stands between the brackets of `in` for an empty list: a query without rows, of the right type."""
    return str(compiled.visit_empty_set_expr([compiled.binds[name].type]))  # type: ignore[no-untyped-call]


@functools.lru_cache(maxsize=64)
def _named(dialect: Dialect) -> Dialect:
    """The dialect with parameters that have names."""
    if dialect.paramstyle == "pyformat":
        return dialect
    make: Callable[..., Dialect] = type(dialect)
    return make(paramstyle="named")
