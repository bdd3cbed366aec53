"""What names of one set look like, part by part; fits a name or says why not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.parsing.patterns import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omeroweb_omp_plugin.parsing.columns import Column

    Parts = Sequence[str]


@dataclass(slots=True)
class Template:
    """The columns of a set of names and the labels in front of them (empty where there is none)."""

    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    checks: tuple[re.Pattern[str] | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.checks = tuple(
            None if column.kind is None else re.compile(column.pattern("")) for column in self.columns
        )

    def unfit(self, rows: Sequence[Parts], labels: Sequence[Parts] | None) -> list[int]:
        """The places of the rows that don't have the number, labels and forms of the template."""
        width = len(self.columns)
        usual = [row for row in rows if len(row) == width]
        wrong: list[tuple[int, set[str]]] = []
        for place, check in enumerate(self.checks):
            if check is not None:
                values = {row[place] for row in usual}
                if odd := {value for value in values if not check.fullmatch(value)}:
                    wrong.append((place, odd))
        return [
            index
            for index, row in enumerate(rows)
            if len(row) != width
            or not row
            or any(row[place] in odd for place, odd in wrong)
            or (labels is not None and tuple(labels[index]) != self.labels)
        ]

    def explain(self, base: str, parts: Parts, labels: Parts | None = None) -> str:
        """Why a name doesn't fit, in one sentence."""
        labels = labels if labels is not None else [""] * len(parts)
        if not base:
            return "Nothing is left of the name to parse"
        if len(parts) != len(self.columns):
            return self._explain_count(base, parts, labels)
        faults = []
        for place, (part, label, wanted) in enumerate(zip(parts, labels, self.labels, strict=True)):
            column = self.columns[place]
            if label != wanted:
                faults.append(
                    f"part {place + 1} is labelled {label or 'nothing'} instead of {wanted or 'nothing'}"
                )
            elif not self._right_form(place, part):
                faults.append(
                    f"part {place + 1} is {shortened(part)}, not {column.title} such as {shortened(column.examples[0])}"
                )
        return f"In {shortened(base)} {' and '.join(faults)}" if faults else ""

    def _right_form(self, place: int, part: str) -> bool:
        check = self.checks[place]
        return check is None or check.fullmatch(part) is not None

    def _explain_count(self, base: str, parts: Parts, labels: Parts) -> str:
        have, want = len(parts), len(self.columns)
        sentence = f"{shortened(base)} has {counted(have)}, the pattern {want}"
        stray = self._odd_one_out(parts, labels)
        if have > want:
            return f"{sentence}; part {stray + 1}, {shortened(parts[stray])}, seems to be too much"
        missing = self.columns[stray]
        return f"{sentence}; part {stray + 1}, {missing.title} such as {shortened(missing.examples[0])}, seems missing"

    def _odd_one_out(self, parts: Parts, labels: Parts) -> int:
        """The first place where parts and columns no longer go together."""
        shorter = min(len(parts), len(self.columns))
        for place in range(shorter):
            if labels[place] != self.labels[place] or not self._right_form(place, parts[place]):
                return place
        return shorter

    def pattern(self, between: str, around: str, text: str) -> str:
        """A regular expression with one group per column that matches the names that fit.

        Its parts: what stands between columns, what may stand around them, a value of no known form.
        """
        pieces = []
        for place, (column, label) in enumerate(zip(self.columns, self.labels, strict=True)):
            lead = between if place else ""
            named = f"{re.escape(label)}{between}" if label else ""
            pieces.append(f"{lead}{named}({column.pattern(text)})")
        return f"\\A{around}{''.join(pieces)}{around}\\Z"


def counted(parts: int) -> str:
    """A number of parts in words."""
    return "no parts" if parts == 0 else f"{parts} part{'s' if parts > 1 else ''}"
