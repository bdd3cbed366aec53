"""Building LogQL: every text from outside is escaped, and everything Loki can filter is filtered there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omeroweb_admin_tools.services.logs.query import LogQuery

# As the platform's Alloy labels what it collects (monitoring/alloy).
SERVICE_LABEL = "service"
TYPE_LABEL = "log_type"
INTERNAL = "internal"
FILE_LABELS = ("filename", "filepath", "path", "file")

META_CHARACTERS = frozenset("\\.+*?()|[]{}^$")
SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """Return a LogQL string; control characters become escapes, so nothing in it can end the string."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def literal(text: str) -> str:
    """Return a regular expression (RE2) that matches exactly the text."""
    return "".join("\\" + character if character in META_CHARACTERS else character for character in text)


def selector(source: tuple[str, str | None]) -> str:
    """Return the stream selector of one source."""
    service, file = source
    kind = f'{TYPE_LABEL}{"!=" if file is None else "="}"{INTERNAL}"'
    return f"{{{SERVICE_LABEL}={quoted(service)}, {kind}}}{file_filter(file)}"


def file_filter(file: str | None) -> str:
    """Return the filter for one internal file, by whichever label the collector put its path into."""
    if file is None:
        return ""
    pattern = quoted(f"(.*/)?{literal(file)}")
    return " | " + " or ".join(f"{label}=~{pattern}" for label in FILE_LABELS)


def queries(query: LogQuery) -> list[str]:
    """Return the LogQL queries of a search: one for all services' own output, one per internal file."""
    tail = line_filter(query) + level_filter(query)
    if not query.sources:
        return [f'{{{SERVICE_LABEL}=~".+"}}{tail}']
    own = [service for service, file in query.sources if file is None]
    found = [f"{_services(own)}{tail}"] if own else []
    found += [f"{selector(source)}{tail}" for source in query.sources if source[1] is not None]
    return found


def line_filter(query: LogQuery) -> str:
    """Return the line filter, which ignores case."""
    if not query.text:
        return ""
    return f" |~ {quoted('(?i)' + (query.text if query.is_regex else literal(query.text)))}"


def level_filter(query: LogQuery) -> str:
    """Return the filter on the level that the collector, or Loki itself, found."""
    if not query.levels:
        return ""
    pattern = quoted(
        "(?i)(" + "|".join(sorted(word for level in query.levels for word in WORDS[level])) + ")"
    )
    return f" | level=~{pattern} or detected_level=~{pattern}"


WORDS = {
    "debug": ("debug", "trace"),
    "info": ("info", "information", "log", "notice"),
    "warn": ("warn", "warning"),
    "error": ("err", "error", "severe"),
    "fatal": ("crit", "critical", "fatal", "panic"),
}


def _services(names: Sequence[str]) -> str:
    pattern = "|".join(literal(name) for name in names)
    return f'{{{SERVICE_LABEL}=~{quoted(pattern)}, {TYPE_LABEL}!="{INTERNAL}"}}'


def _escaped(character: str) -> str:
    if character in SHORT_ESCAPES:
        return SHORT_ESCAPES[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
