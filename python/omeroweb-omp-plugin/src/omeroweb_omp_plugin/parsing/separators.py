"""Splitting a base name at separator characters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.parsing.errors import ParsingError
from omeroweb_omp_plugin.parsing.hyphen_pattern import conditions, separating_hyphen
from omeroweb_omp_plugin.parsing.hyphens import HyphenGuard, Kept, guard_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

DEFAULT_SEPARATORS = "_-."
MAX_SEPARATORS = 20
# Up to so many characters, replacing one after the other is faster than a table.
FEW = 6
WHITE_SPACE = "".join(char for char in map(chr, range(1, 0x3001)) if char.isspace())


@dataclass(slots=True)
class Splitter:
    """Splits at any of the separator characters; several in a row count as one.

    protect: hyphens inside scientific names stay; `terms` adds a facility's own names.
    labels: parts that only label the number after them (`ec` in `ec-01`) are dropped.
    """

    separators: str = DEFAULT_SEPARATORS
    protect: bool = True
    terms: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()
    guard: HyphenGuard | None = field(init=False, default=None)
    mark: str = field(init=False)
    others: str = field(init=False)
    table: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        if not self.separators:
            raise ParsingError("No separator is given; type at least one character, for example _")
        if len(self.separators) > MAX_SEPARATORS:
            raise ParsingError(
                f"{len(self.separators)} separators are given; at most {MAX_SEPARATORS} are allowed"
            )
        if self.protect and "-" in self.separators:
            self.guard = guard_for(self.terms)
        others = self.separators.replace("-", "") if self.guard else self.separators
        if " " in others:
            others += WHITE_SPACE
        self.mark, self.others = others[:1], others[1:]
        self.table = str.maketrans(dict.fromkeys(self.others, self.mark))

    def split(self, base: str) -> tuple[str, ...]:
        """The parts of a base name, without empty ones and labels."""
        parts = self._pieces(base)
        return tuple(value for _, value in self.labelled(base)) if self.labels else parts

    def _pieces(self, base: str) -> tuple[str, ...]:
        chunks = self._chunks(base)
        if self.guard is None or "-" not in base:
            return tuple(filter(None, chunks))
        split = self.guard.split
        if len(chunks) == 1:
            return tuple(filter(None, split(chunks[0])))
        return tuple(
            [part for chunk in chunks for part in (split(chunk) if "-" in chunk else (chunk,)) if part]
        )

    def _chunks(self, base: str) -> list[str]:
        """The base name cut at all separators except a hyphen that has to be looked at."""
        if not self.mark:
            return [base]
        if len(self.others) > FEW:
            base = base.translate(self.table)
        else:
            for char in self.others:
                base = base.replace(char, self.mark)
        return base.split(self.mark)

    def labelled(self, base: str) -> list[tuple[str, str]]:
        """The parts, each with the label in front of it; an empty label where there is none."""
        parts = self._pieces(base)
        following = (*parts[1:], "")
        found, label = [], ""
        for part, after in zip(parts, following, strict=True):
            if part in self.labels and after.isdecimal():
                label = part
            else:
                found.append((label, part))
                label = ""
        return found

    def pattern(self, kept: Collection[Kept]) -> str:
        """A regular expression that splits alike, given the hyphens to keep: separators, labels."""
        separator = self.one_separator(kept)
        if not self.labels:
            return f"{separator}+"
        labels = "|".join(map(re.escape, sorted(self.labels)))
        label = rf"(?:{labels}){separator}+(?=\d+(?:{separator}|\Z))"
        return f"(?:\\A|{separator}+)(?:{label})?"

    def one_separator(self, kept: Collection[Kept]) -> str:
        """A pattern of one separator, given the hyphens to keep."""
        others = "".join(dict.fromkeys(self.separators.replace("-", "")))
        choices = [r"\s" if char == " " else re.escape(char) for char in others]
        if "-" in self.separators:
            choices.append(separating_hyphen(kept))
        if len(choices) == 1 and "(?!" not in choices[0]:
            return choices[0]
        return f"[{''.join(choices)}]" if "(?!" not in choices[-1] else f"(?:{'|'.join(choices)})"

    def one_character(self, kept: Collection[Kept]) -> str:
        """A pattern of one character of a value."""
        inside = [r"\s" if char == " " else re.escape(char) for char in dict.fromkeys(self.separators)]
        plain = f"[^{''.join(inside)}]"
        looks = conditions(kept) if "-" in self.separators else ""
        return f"(?:{plain}|-(?:{looks}))" if looks else plain

    def kept(self, bases: Iterable[str]) -> set[Kept]:
        """The hyphens in these base names that don't separate."""
        if self.guard is None:
            return set()
        guard, found = self.guard, set()
        for base in bases:
            for piece in self._chunks(base):
                if "-" in piece:
                    found |= guard.kept(piece)
        return found
