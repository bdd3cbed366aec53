"""What the values at one place of the names have in common."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Kind:
    """A form that values can have: what people call it, and what it is called as a variable."""

    title: str
    pattern: str
    variable: str = ""


# The first that fits every value of a column wins, so the narrow ones come first.
KINDS = (
    Kind("a date", r"(?:19|20)\d{2}[-.]?(?:0[1-9]|1[0-2])[-.]?(?:0[1-9]|[12]\d|3[01])", "Date"),
    Kind("a magnification", r"\d{1,3}(?:[.,]\d)?[xX](?:[-_]?(?:[Oo]il|[Ww]ater|[Aa]ir|[Dd]ry|[Oo]bjective|[Gg]lycerol))?", "Image acquisition"),
    Kind("a wavelength", r"(?:[2-9]\d{2}|1[0-3]\d{2})nm", "Wavelength"),
    Kind("a concentration", r"\d+(?:[.,p]\d+)?(?:[munpµμ]?M|[munpµμ]?g-?(?:ml|mL|L|l)|pct|%)", "Concentration"),
    Kind("a duration", r"\d+(?:[.,p]\d+)?(?:h|hr|hrs|hpf|hpi|dpf|dpi|min|s|sec|ms|d)", "Time"),
    Kind("a plate well", r"[A-P](?:0?[1-9]|1\d|2[0-4])", "Position"),
    Kind("digits", r"[0-9]+"),
    Kind("letters", r"[^\W\d_]+"),
    Kind("letters, then digits", r"[^\W\d_]+[0-9]+"),
    Kind("digits, then letters", r"[0-9]+[^\W\d_]+"),
)  # fmt: skip
COMPILED_KINDS = tuple((re.compile(kind.pattern), kind) for kind in KINDS)
# Names that differ from all the others are told, not fitted.
NEARLY_ALL = 0.95
PREFIXED_NUMBER = re.compile(r"([^\W\d_]{1,12})([0-9]+)")


@dataclass(frozen=True, slots=True)
class Column:
    """One place of the names: the form its values share (None when they share none) and some of them.

    prefix: letters before the number that are the same everywhere (`t` in `t001`); width: digits when always as many.
    """

    kind: Kind | None
    examples: tuple[str, ...]
    distinct: int
    prefix: str = ""
    width: int = 0

    @property
    def title(self) -> str:
        """The form in words."""
        if self.prefix:
            return f"{self.prefix} and {self.width or 'some'} digits"
        if self.kind is None:
            return "text"
        if self.kind.title == "digits" and self.width:
            return f"{self.width} digit{'s' if self.width > 1 else ''}"
        return self.kind.title

    def pattern(self, other: str) -> str:
        """A regular expression of the values; `other` for text of no known form."""
        digits = f"[0-9]{{{self.width}}}" if self.width else "[0-9]+"
        if self.prefix:
            return re.escape(self.prefix) + digits
        if self.kind is None:
            return other
        return digits if self.kind.title == "digits" else self.kind.pattern


def describe_column(counts: Mapping[str, int]) -> Column:
    """The column of these values, given how often each occurs."""
    values = sorted(counts, key=lambda value: (-counts[value], value))
    kind, fitting = shared_kind(counts)
    prefix, width = "", 0
    if kind is not None and kind.title == "digits":
        width = same_width(fitting)
    elif kind is not None and kind.title == "letters, then digits":
        prefix, width = shared_prefix(counts, fitting)
    column = Column(kind, (), len(values), prefix, width)
    usual = re.compile(column.pattern("(?s:.*)"))
    return replace(column, examples=tuple(islice(filter(usual.fullmatch, values), 3)))


def shared_kind(counts: Mapping[str, int]) -> tuple[Kind | None, list[str]]:
    """The narrowest form that nearly all values have, and the values that have it."""
    enough = math.ceil(counts_total(counts) * NEARLY_ALL)
    for pattern, kind in COMPILED_KINDS:
        missed = counts_total(counts) - enough
        fitting = []
        for value, count in counts.items():
            if pattern.fullmatch(value):
                fitting.append(value)
            else:
                missed -= count
                if missed < 0:
                    break
        else:
            return kind, fitting
    return None, list(counts)


def shared_prefix(counts: Mapping[str, int], values: Sequence[str]) -> tuple[str, int]:
    """The letters that nearly all values begin with, and the number of digits when all have as many."""
    seen: Counter[str] = Counter()
    digits: dict[str, list[str]] = defaultdict(list)
    for value in values:
        if found := PREFIXED_NUMBER.fullmatch(value):
            seen[found[1]] += counts[value]
            digits[found[1]].append(found[2])
    if not seen:
        return "", 0
    prefix, count = max(seen.items(), key=lambda entry: (entry[1], entry[0]))
    if count < counts_total(counts) * NEARLY_ALL:
        return "", 0
    return prefix, same_width(digits[prefix])


def counts_total(counts: Mapping[str, int]) -> int:
    """How many names the values come from."""
    return sum(counts.values())


def same_width(values: Sequence[str]) -> int:
    """The length all values have, 0 when they differ."""
    widths = {len(value) for value in values}
    return widths.pop() if len(widths) == 1 else 0
