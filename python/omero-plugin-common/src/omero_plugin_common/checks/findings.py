"""What a check found: how it is, in words, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """From best to worst."""

    PASS = "pass"  # noqa: S105 - a word, not a password
    WARN = "warn"
    FAIL = "fail"


ORDER = (Status.PASS, Status.WARN, Status.FAIL)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result; `advice` says what to do when it isn't a pass."""

    status: Status
    summary: str
    details: str = ""
    advice: str = ""


def passed(summary: str, details: str = "") -> Finding:
    return Finding(Status.PASS, summary, details)


def warned(summary: str, advice: str, details: str = "") -> Finding:
    return Finding(Status.WARN, summary, details, advice)


def failed(summary: str, advice: str, details: str = "") -> Finding:
    return Finding(Status.FAIL, summary, details, advice)


def worst(statuses: list[Status]) -> Status:
    """Return the worst of several, a pass for none."""
    return max(statuses, key=ORDER.index, default=Status.PASS)
