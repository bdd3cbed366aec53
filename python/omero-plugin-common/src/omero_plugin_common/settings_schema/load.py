"""Filling a schema from the environment, with every problem reported at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from omero_plugin_common.env_utils import (
    SettingError,
    Where,
    invalid,
    missing,
    optional_string,
    parse_bool,
    parse_float,
    parse_int,
    read_secret,
)
from omero_plugin_common.settings_schema.schema import Described, component_of, describe

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class ConfigurationError(SettingError):
    """A component can't be configured; `problems` has one message per wrong variable."""

    def __init__(self, component: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{component} is not configured: " + " ".join(problems))
        self.component = component
        self.problems = problems


def load(schema: type[T], environ: Mapping[str, str] | None = None) -> T:
    """Return the schema's settings object; raises ConfigurationError naming every wrong variable."""
    source = os.environ if environ is None else environ
    component = component_of(schema)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for described in describe(schema):
        where = Where(described.env_file, component.docs_url)
        try:
            values[described.field] = _read(described, where, source)
        except SettingError as error:
            problems.append(str(error))
    if problems:
        raise ConfigurationError(component.title, tuple(problems))
    return schema(**values)


def _read(described: Described, where: Where, environ: Mapping[str, str]) -> Any:
    setting = described.setting
    named_file = setting.secret and optional_string(f"{setting.variable}_FILE", environ=environ)
    text = optional_string(setting.variable, environ=environ)
    if text is None and not named_file:
        if not described.required:
            return described.default
        if described.optional:
            return None
        raise missing(setting.variable, where)
    if setting.secret:
        return read_secret(
            setting.variable, env_file=where.env_file, docs_url=where.docs_url, environ=environ
        )
    return parse(described, text or "", where)


def parse(described: Described, text: str, where: Where) -> Any:
    """Turn the text of a variable into its Python value; raises InvalidVariableError."""
    setting = described.setting
    if described.python_type is bool:
        return parse_bool(setting.variable, text, where)
    if described.python_type is int:
        low, high = (None if bound is None else int(bound) for bound in (setting.minimum, setting.maximum))
        return parse_int(setting.variable, text, low, high, where)
    if described.python_type is float:
        return parse_float(setting.variable, text, setting.minimum, setting.maximum, where)
    if setting.choices and text not in setting.choices:
        raise invalid(setting.variable, repr(text), "one of " + ", ".join(setting.choices), where)
    if described.python_type is Path:
        if not Path(text).is_absolute():
            raise invalid(setting.variable, repr(text), "an absolute path (one that starts with /)", where)
        return Path(text)
    if described.python_type is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text
