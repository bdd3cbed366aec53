"""What is searched for, checked once, and what every place that keeps logs can do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from omeroweb_admin_tools.services.logs.entries import LogEntry

MOST_ENTRIES = 5000
LONGEST_TEXT = 500


class LogError(Exception):
    """A search that can't be done, with a message for the administrator."""


class LogFilterError(LogError):
    """The search itself is wrong."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A search: newest entries first, at most `limit`, from `start` up to `end` (UTC).

    `sources` are (service, file) pairs; file None means the service's own output, no sources mean everything.
    `text` is found anywhere in an entry in any case, or is a regular expression.
    """

    start: datetime
    end: datetime
    sources: tuple[tuple[str, str | None], ...] = ()
    text: str = ""
    is_regex: bool = False
    levels: frozenset[str] = frozenset()
    limit: int = MOST_ENTRIES
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class LogPage:
    """What was found; `truncated` says that there is more, `problems` what could not be searched."""

    entries: tuple[LogEntry, ...]
    truncated: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogContext:
    """The lines around an entry, oldest first; `at` is the entry's place among them."""

    lines: tuple[LogEntry, ...]
    at: int = field(default=0)


class LogStore(Protocol):
    """Where logs are kept."""

    @property
    def kind(self) -> str:
        """`loki` or `files`."""

    def search(self, query: LogQuery) -> LogPage:
        """Return the newest matching entries; raises LogError."""

    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """Return the internal files of each service, in the order services are shown; raises LogError."""

    def context(self, entry_id: str, before: int, after: int) -> LogContext:
        """Return the entries around one; raises LogError."""
