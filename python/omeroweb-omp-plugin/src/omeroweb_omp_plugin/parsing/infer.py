"""The pattern that fits a set of names best, found from all of them; the same names give the same pattern."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from omeroweb_omp_plugin.parsing.base_name import DEFAULT_RULES, BaseNameRules, base_name
from omeroweb_omp_plugin.parsing.columns import Column, describe_column
from omeroweb_omp_plugin.parsing.hyphens import guard_for
from omeroweb_omp_plugin.parsing.labels import detect_labels
from omeroweb_omp_plugin.parsing.rules import Rule
from omeroweb_omp_plugin.parsing.separators import Splitter
from omeroweb_omp_plugin.parsing.template import Template

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_SEPARATORS = 5
LEAST_OF_TOP = 0.40
# A smaller set of separators has to be this much more even to be preferred.
CLEARLY_BETTER = 0.10
# Signs that belong to values: brackets, percent, plus, quotes, micro and degree.
NEVER_SEPARATORS = frozenset("()[]{}%+'\"°µ")
WORD_BORDERS = r"(?<=[^\W\d_])(?=[0-9])|(?<=[0-9])(?=[^\W\d_])"
BORDER_TEXT = f"(?:{WORD_BORDERS})"
# Any text without such a border inside.
WHOLE_TEXT = f"(?s:.)(?:(?!{BORDER_TEXT})(?s:.))*"
BORDER = regex.compile(WORD_BORDERS)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A name that doesn't fit: its place in the list and the reason."""

    index: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inference:
    """The rule found, what its values look like, and how it does.

    rule: cuts every name, also those that don't fit. pattern: a regular expression that matches only names that fit.
    split_pattern: the rule written as a regular expression to split with. names: suggested variable names, blank
    where nothing tells. consistency: share of names that fit, 0 to 1.
    """

    rule: Rule
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    pattern: str
    split_pattern: str
    matched: int
    mismatches: tuple[Mismatch, ...]

    @property
    def consistency(self) -> float:
        total = self.matched + len(self.mismatches)
        return self.matched / total if total else 0.0


@dataclass(slots=True)
class Cut:
    """Names cut into parts, by a splitter or (None) at the borders of letters and digits.

    labels: what stands in front of each part; None when no labels are looked for.
    """

    splitter: Splitter | None
    rows: list[tuple[str, ...]]
    labels: list[tuple[str, ...]] | None = None

    def usual_length(self) -> tuple[int, float]:
        """The number of parts most names have (the larger of two equally frequent), and the share that has it."""
        lengths = Counter(map(len, self.rows))
        if not lengths:
            return 0, 0.0
        length, count = max(lengths.items(), key=lambda entry: (entry[1], entry[0]))
        return length, count / len(self.rows)


def infer(
    names: Sequence[str], base_rules: BaseNameRules = DEFAULT_RULES, terms: tuple[str, ...] = ()
) -> Inference:
    """Find the rule that cuts these names most evenly."""
    bases = [base_name(name, base_rules) for name in names]
    found = best_cut(bases, likely_separators(bases, terms), terms)
    splitter = found.splitter
    template = template_of(found)
    mismatches = tuple(
        Mismatch(
            index, names[index], template.explain(bases[index], found.rows[index], row_labels(found, index))
        )
        for index in template.unfit(found.rows, found.labels)
    )
    if splitter is None:
        rule = Rule(mode="regex", pattern=WORD_BORDERS, base=base_rules)
        pattern, split_pattern = template.pattern(BORDER_TEXT, "", WHOLE_TEXT), WORD_BORDERS
    else:
        rule = Rule(
            separators=splitter.separators,
            terms=terms,
            labels=tuple(sorted(splitter.labels)),
            base=base_rules,
        )
        kept = splitter.kept(bases)
        separator, character = splitter.one_separator(kept), splitter.one_character(kept)
        pattern = template.pattern(f"{separator}+", f"{separator}*", f"{character}+")
        split_pattern = splitter.pattern(kept)
    return Inference(
        rule=rule,
        columns=template.columns,
        names=suggested_names(template),
        pattern=pattern,
        split_pattern=split_pattern,
        matched=len(names) - len(mismatches),
        mismatches=mismatches,
    )


def likely_separators(bases: Sequence[str], terms: tuple[str, ...] = ()) -> str:
    """Characters that occur at least 40 % as often as the most frequent one, at most five, most frequent first.

    Hyphens inside scientific names and signs that belong to values don't count; white space counts as space.
    """
    counts: Counter[str] = Counter()
    for char, count in Counter("".join(bases)).items():
        if not char.isalnum() and char not in NEVER_SEPARATORS:
            counts[" " if char.isspace() else char] += count
    if "-" in counts:
        guard = guard_for(terms)
        counts["-"] = sum(len(guard.split(base)) - 1 for base in bases if "-" in base)
    frequent = [
        char for char, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])) if count
    ]
    if not frequent:
        return ""
    enough = counts[frequent[0]] * LEAST_OF_TOP
    return "".join(char for char in frequent if counts[char] >= enough)[:MOST_SEPARATORS]


def best_cut(bases: Sequence[str], separators: str, terms: tuple[str, ...]) -> Cut:
    """The names cut at all of the separators, or only at the most frequent ones when that is clearly more even."""
    labels = frozenset(detect_labels(bases) if "-" in separators else ())
    best, best_share = None, -1.0
    for count in range(len(separators), 0, -1):
        used = separators[:count]
        candidate = cut(Splitter(used, True, terms, labels if "-" in used else frozenset()), bases)
        length, share = candidate.usual_length()
        if length > 1 and share > best_share + CLEARLY_BETTER:
            best, best_share = candidate, share
        if best_share > 1 - CLEARLY_BETTER:
            break
    if best is None:
        return Cut(None, [tuple(filter(None, BORDER.split(base))) for base in bases])
    return best


def cut(splitter: Splitter, bases: Sequence[str]) -> Cut:
    """The parts of every base name."""
    if not splitter.labels:
        return Cut(splitter, list(map(splitter.split, bases)))
    labelled = [splitter.labelled(base) for base in bases]
    return Cut(
        splitter,
        [tuple(part for _, part in row) for row in labelled],
        [tuple(label for label, _ in row) for row in labelled],
    )


def row_labels(found: Cut, index: int) -> tuple[str, ...] | None:
    """The labels of one name."""
    return found.labels[index] if found.labels is not None else None


def template_of(found: Cut) -> Template:
    """The template of the names with the most frequent number of parts."""
    length, _ = found.usual_length()
    usual = [index for index, row in enumerate(found.rows) if len(row) == length]
    columns = [
        describe_column(Counter(found.rows[index][place] for index in usual)) for place in range(length)
    ]
    labels = [""] * length
    if found.labels is not None:
        for place in range(length):
            seen = Counter(found.labels[index][place] for index in usual)
            labels[place] = max(seen.items(), key=lambda entry: (entry[1], entry[0]))[0]
    return Template(tuple(columns), tuple(labels))


def suggested_names(template: Template) -> tuple[str, ...]:
    """Variable names that labels and forms suggest; each at most once, blank where nothing tells."""
    taken: set[str] = set()
    names = []
    for column, label in zip(template.columns, template.labels, strict=True):
        name = label or (column.kind.variable if column.kind else "")
        names.append("" if name in taken else name)
        taken.add(name)
    return tuple(names)
