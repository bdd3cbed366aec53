"""Typed, bounded reads of environment variables whose errors say which file to edit and what to write there."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENV_FILE_OMEROWEB = "env/omeroweb.env"
ENV_FILE_OMEROSERVER = "env/omeroserver.env"
ENV_FILE_CELERY = "env/omero-celery.env"
ENV_FILE_SECRETS = "env/omero_secrets.env"

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


class SettingError(RuntimeError, ValueError):
    """A variable is missing or holds something unusable; both kinds are caught by either parent type."""


class MissingVariableError(SettingError):
    """A required variable is not set, or only holds white space."""


class InvalidVariableError(SettingError):
    """A variable is set to something that can't be used."""


@dataclass(frozen=True, slots=True)
class Where:
    """What an error message needs to send a person to the right place."""

    env_file: str
    docs_url: str | None = None
    hint: str | None = None

    def advice(self) -> str:
        parts = [
            f"Set it in {self.env_file} (the services read that file) and restart OMERO.web and the worker."
        ]
        if self.hint:
            parts.append(self.hint)
        if self.docs_url:
            parts.append(f"See {self.docs_url}.")
        return " ".join(parts)


def missing(name: str, where: Where) -> MissingVariableError:
    return MissingVariableError(f"{name} is not set. {where.advice()}")


def invalid(name: str, shown: str, expected: str, where: Where) -> InvalidVariableError:
    return InvalidVariableError(f"{name} is {shown}, but {expected} is needed. {where.advice()}")


def require_string(
    name: str,
    *,
    env_file: str,
    docs_url: str | None = None,
    hint: str | None = None,
    allow_empty: bool = False,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Return the variable without surrounding white space.

    Raises MissingVariableError when it is unset, or blank and `allow_empty` is false.
    """
    value = _environ(environ).get(name)
    where = Where(env_file, docs_url, hint)
    if value is None:
        raise missing(name, where)
    if not value.strip() and not allow_empty:
        raise missing(name, where)
    return value.strip()


def optional_string(name: str, *, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the variable without surrounding white space, or None when it is unset or blank."""
    return _environ(environ).get(name, "").strip() or None


def require_int(
    name: str,
    *,
    env_file: str,
    minimum: int | None = None,
    maximum: int | None = None,
    docs_url: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> int:
    """Return a whole number; raises InvalidVariableError for text and for numbers out of bounds."""
    text = require_string(name, env_file=env_file, docs_url=docs_url, environ=environ)
    return parse_int(name, text, minimum, maximum, Where(env_file, docs_url))


def require_float(
    name: str,
    *,
    env_file: str,
    minimum: float | None = None,
    maximum: float | None = None,
    docs_url: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> float:
    """Return a finite number; raises InvalidVariableError for text and for numbers out of bounds."""
    text = require_string(name, env_file=env_file, docs_url=docs_url, environ=environ)
    return parse_float(name, text, minimum, maximum, Where(env_file, docs_url))


def require_bool(
    name: str, *, env_file: str, docs_url: str | None = None, environ: Mapping[str, str] | None = None
) -> bool:
    """Return a switch written as 1/true/yes/on or 0/false/no/off, in any case."""
    text = require_string(name, env_file=env_file, docs_url=docs_url, environ=environ)
    return parse_bool(name, text, Where(env_file, docs_url))


def sanitized_int(
    name: str,
    *,
    env_file: str,
    sanitizer: Callable[[str], str],
    minimum: int,
    maximum: int,
    docs_url: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> int:
    """Return a whole number, cleaned by `sanitizer` and moved into [minimum, maximum]."""
    text = require_string(name, env_file=env_file, docs_url=docs_url, environ=environ)
    cleaned = sanitizer(text)
    where = Where(env_file, docs_url)
    if not cleaned.strip():
        raise invalid(name, repr(text), "a whole number", where)
    return max(minimum, min(maximum, parse_int(name, cleaned, None, None, where)))


def parse_int(name: str, text: str, minimum: int | None, maximum: int | None, where: Where) -> int:
    expected = "a whole number" + _bounds(minimum, maximum)
    try:
        number = int(text)
    except ValueError:
        raise invalid(name, repr(text), expected, where) from None
    if _outside(number, minimum, maximum):
        raise invalid(name, repr(text), expected, where)
    return number


def parse_float(name: str, text: str, minimum: float | None, maximum: float | None, where: Where) -> float:
    expected = "a number" + _bounds(minimum, maximum)
    try:
        number = float(text)
    except ValueError:
        raise invalid(name, repr(text), expected, where) from None
    if not math.isfinite(number) or _outside(number, minimum, maximum):
        raise invalid(name, repr(text), expected, where)
    return number


def parse_bool(name: str, text: str, where: Where) -> bool:
    word = text.lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise invalid(name, repr(text), "one of true, yes, on, 1, false, no, off, 0", where)


def read_secret(
    name: str, *, env_file: str, docs_url: str | None = None, environ: Mapping[str, str] | None = None
) -> str:
    """Return a secret from the file named by `<name>_FILE`, or from `<name>` itself; messages never show it."""
    path = optional_string(f"{name}_FILE", environ=environ)
    if path is None:
        return require_string(
            name,
            env_file=env_file,
            docs_url=docs_url,
            hint=f"Or name a file in {name}_FILE.",
            environ=environ,
        )
    where = Where(env_file, docs_url)
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        expected = f"a readable file ({error.strerror})"
        raise invalid(f"{name}_FILE", repr(path), expected, where) from error
    if not text:
        raise invalid(f"{name}_FILE", repr(path), "a file with the secret in it (this one is empty)", where)
    return text


def _environ(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _outside(number: float, minimum: float | None, maximum: float | None) -> bool:
    return (minimum is not None and number < minimum) or (maximum is not None and number > maximum)


def _bounds(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {minimum} to {maximum}"
    if minimum is not None:
        return f" of at least {minimum}"
    if maximum is not None:
        return f" of at most {maximum}"
    return ""
