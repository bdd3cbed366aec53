"""Describing settings: a frozen dataclass whose fields know their variable, bounds, file and meaning."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

SUPPORTED_TYPES = (str, int, float, bool, Path, tuple)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one variable besides its type and default."""

    variable: str
    description: str
    env_file: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """A setting together with what its dataclass field says: name, Python type, default."""

    field: str
    setting: Setting
    python_type: type
    optional: bool
    default: Any
    env_file: str

    @property
    def required(self) -> bool:
        return self.default is dataclasses.MISSING


@dataclass(frozen=True, slots=True)
class Component:
    """The title and defaults that a schema class was registered with."""

    title: str
    env_file: str
    docs_url: str | None


def setting(
    variable: str,
    description: str,
    *,
    default: Any = dataclasses.MISSING,
    env_file: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
    example: str | None = None,
) -> Any:
    """Declare one field; without a default the variable is required.

    `secret` values may come from the file that `<variable>_FILE` names and are never shown.
    """
    meta = Setting(variable, description, env_file, minimum, maximum, choices, secret, example)
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata={"setting": meta}, kw_only=True, repr=not secret)
    return dataclasses.field(default=default, metadata={"setting": meta}, kw_only=True, repr=not secret)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(setting,))
def settings_schema(
    *, title: str, env_file: str, docs_url: str | None = None
) -> typing.Callable[[type[T]], type[T]]:
    """Make a class a schema: a frozen dataclass that `load` can fill from the environment."""

    def decorate(cls: type[T]) -> type[T]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        made.__component__ = Component(title, env_file, docs_url)  # type: ignore[attr-defined]
        describe(made)
        return made

    return decorate


def component_of(schema: type[Any]) -> Component:
    found = getattr(schema, "__component__", None)
    if not isinstance(found, Component):
        raise TypeError(
            f"{schema.__qualname__} is not a settings schema; decorate it with @settings_schema(…)"
        )
    return found


def describe(schema: type[Any]) -> tuple[Described, ...]:
    """Return the settings of a schema in the order they are written; raises TypeError for unusable fields."""
    component = component_of(schema)
    hints = typing.get_type_hints(schema)
    found: list[Described] = []
    for field in dataclasses.fields(schema):
        meta = field.metadata.get("setting")
        if not isinstance(meta, Setting):
            raise TypeError(f"{schema.__qualname__}.{field.name} must be declared with setting(…)")
        python_type, optional = _plain_type(f"{schema.__qualname__}.{field.name}", hints[field.name])
        found.append(
            Described(
                field.name, meta, python_type, optional, field.default, meta.env_file or component.env_file
            )
        )
    return tuple(found)


def _plain_type(where: str, hint: Any) -> tuple[type, bool]:
    optional = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        optional = len(rest) < len(typing.get_args(hint))
        if len(rest) != 1:
            raise TypeError(f"{where}: only `type` or `type | None` can be read from a variable, not {hint}")
        hint = rest[0]
    plain = typing.get_origin(hint) or hint
    if plain not in SUPPORTED_TYPES:
        names = ", ".join(kind.__name__ for kind in SUPPORTED_TYPES)
        raise TypeError(f"{where}: {hint} can't be read from a variable; use one of {names}")
    return plain, optional
