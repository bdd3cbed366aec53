"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; whatever is not fine comes with what to do."""

    level: Level
    text: str
    advice: str = ""


def fine(text: str) -> Finding:
    """Nothing to do."""
    return Finding(Level.OK, text)


def warning(text: str, advice: str) -> Finding:
    """Works, but not as well as it could."""
    return Finding(Level.WARNING, text, advice)


def problem(text: str, advice: str) -> Finding:
    """Keeps the stack from running."""
    return Finding(Level.PROBLEM, text, advice)
