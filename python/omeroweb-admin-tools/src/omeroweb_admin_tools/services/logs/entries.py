"""One entry of a log, and reading time and level off a line of any of the stack's programs.

Times without a zone are in the platform's time zone; names of zones other than UTC are taken for it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

LEVELS = ("debug", "info", "warn", "error", "fatal")
LEVEL_WITHIN_BYTES = 500

LEVEL_OF_WORD = {
    "trace": "debug",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "log": "info",
    "warn": "warn",
    "warning": "warn",
    "error": "error",
    "err": "error",
    "severe": "error",
    "fatal": "fatal",
    "crit": "fatal",
    "critical": "fatal",
    "panic": "fatal",
}
REDIS_LEVELS = {b"#": "warn", b"*": "info", b"-": "debug", b".": "debug"}
MONTHS = {
    name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}

ISO_TIME = re.compile(
    rb'(?:\[|ts=|time="?|\{"\w+": ?")?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?'
    rb"(?: ?(Z|[+-]\d\d:?\d\d|UTC\b|[A-Z]{2,3}T\b))?"
)
REDIS_TIME = re.compile(
    rb"\d+:[XCSM] (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3}) ([.*#-])"
)
ACCESS_TIME = re.compile(
    rb'\S{1,60} \S{1,60} \S{1,60} \[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\] "[^"]*" (\d{3})'
)
LEVEL_KEY = re.compile(rb'\blevel["\']?\s*[=:]\s*["\']?([A-Za-z]+)')
LEVEL_WORD = re.compile(
    rb"\b(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|FATAL|CRIT(?:ICAL)?|PANIC)\b|\b(LOG):"
)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry: `container` is the service, or `<service>_internal/<file>` for one of its own files."""

    time: datetime
    container: str
    level: str
    message: str
    id: str

    def as_json(self) -> dict[str, str]:
        return {
            "timestamp": self.time.isoformat(timespec="milliseconds"),
            "container": self.container,
            "level": self.level,
            "message": self.message,
            "id": self.id,
        }


def container_name(service: str, file: str | None) -> str:
    """Return how a source is called: the service's own output, or one of its internal files."""
    return service if file is None else f"{service}_internal/{file}"


def split_container(name: str) -> tuple[str, str | None]:
    """Return service and file of a source's name."""
    service, marker, file = name.partition("_internal/")
    return (service, file) if marker and file else (name, None)


def time_of(line: bytes, zone: tzinfo) -> datetime | None:
    """Return when a line was written in UTC, None for a line that carries no time (it belongs to the one before)."""
    found = ISO_TIME.match(line)
    if found is not None:
        year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
        fraction = int((found[7] or b"0").ljust(6, b"0")[:6])
        return _utc(year, month, day, hour, minute, second, fraction, _zone(found[8], zone))
    found = REDIS_TIME.match(line)
    if found is not None:
        month = MONTHS.get(found[2], 0)
        clock = (int(found[4]), int(found[5]), int(found[6]))
        return _utc(int(found[3]), month, int(found[1]), *clock, int(found[7]) * 1000, zone)
    found = ACCESS_TIME.match(line)
    if found is not None:
        month = MONTHS.get(found[2], 0)
        clock = (int(found[4]), int(found[5]), int(found[6]))
        return _utc(int(found[3]), month, int(found[1]), *clock, 0, _zone(found[7], zone))
    return None


def level_of(line: bytes) -> str:
    """Return the level that a line states, `info` when it states none."""
    head = line[:LEVEL_WITHIN_BYTES]
    found = LEVEL_KEY.search(head)
    if found is not None:
        level = LEVEL_OF_WORD.get(found[1].decode("ascii").lower())
        if level:
            return level
    found = LEVEL_WORD.search(head)
    if found is not None:
        return LEVEL_OF_WORD[(found[1] or found[2]).decode("ascii").lower()]
    found = REDIS_TIME.match(head)
    if found is not None:
        return REDIS_LEVELS[found[8]]
    found = ACCESS_TIME.match(head)
    if found is not None:
        return {b"5": "error", b"4": "warn"}.get(found[8][:1], "info")
    return "info"


def normal_level(word: str) -> str:
    """Return the level that a collector's word means, empty when it means none."""
    return LEVEL_OF_WORD.get(word.strip().lower(), "")


def _zone(text: bytes | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text in (b"Z", b"UTC", b"GMT"):
        return UTC
    if text[:1] in b"+-":
        digits = text[1:].replace(b":", b"")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        return timezone(-offset if text[:1] == b"-" else offset)
    return zone


def _utc(
    year: int, month: int, day: int, hour: int, minute: int, second: int, micro: int, zone: tzinfo
) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), micro, tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None
