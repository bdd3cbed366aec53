"""What is wrong with a query, and where."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class HqlError(Exception):
    """A query that cannot be run; the message names the place once `within` has told it the text."""

    def __init__(self, problem: str, position: int | None = None, *, placed: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.position = position
        self.placed = placed

    def within(self, text: str) -> HqlError:
        """The same error with line, column and the text around it in its message."""
        if self.placed:
            return self
        if self.position is None:
            return HqlError(f"{self.problem} [{_excerpt(text, 0)}]", placed=True)
        before = text[: self.position]
        line = before.count("\n") + 1
        column = self.position - (before.rfind("\n") + 1) + 1
        message = f"line {line}, column {column}: {self.problem} [{_excerpt(text, self.position)}]"
        return HqlError(message, self.position, placed=True)


def nearest(name: str, candidates: Iterable[str]) -> str:
    """`; did you mean X?` for a misspelt name, or nothing."""
    options = list(candidates)
    close = difflib.get_close_matches(name, options, n=1)
    if not close:
        close = [option for option in options if option.lower() == name.lower()]
    return f"; did you mean {close[0]}?" if close else ""


def _excerpt(text: str, position: int, width: int = 40) -> str:
    start, end = max(0, position - width), min(len(text), position + width)
    return ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")
