"""The trees of search queries."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Occur(enum.Enum):
    """Whether a clause must, may or must not match."""

    MUST = "+"
    SHOULD = ""
    MUST_NOT = "-"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that follow each other in one text; each may have wildcards (`*`, `?`). One word is a term.

    `field` None is the text of all fields; `fuzzy` allows that many edits in a single word.
    """

    field: str | None
    words: tuple[str, ...]
    fuzzy: int = 0
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Range:
    """Values from `low` to `high` in the order of characters; None is open."""

    field: str | None
    low: str | None
    high: str | None
    inclusive: bool = True


@dataclass(frozen=True, slots=True)
class Clauses:
    """A combination, as Lucene's BooleanQuery: all that must, none that must not, else any that may."""

    clauses: tuple[tuple[Occur, Node], ...]


@dataclass(frozen=True, slots=True)
class Boosted:
    """What counts more, or less, than the rest of a query for the order of the results."""

    node: Node
    factor: float


Node = Words | Range | Clauses | Boosted
