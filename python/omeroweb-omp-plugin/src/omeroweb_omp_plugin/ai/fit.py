"""Whether a rule really cuts the names it was made for; a model's word for it doesn't count."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.ai.errors import UnusableAnswerError
from omeroweb_omp_plugin.parsing.base_name import DEFAULT_RULES, BaseNameRules
from omeroweb_omp_plugin.parsing.errors import ParsingError, PatternTimeoutError
from omeroweb_omp_plugin.parsing.rules import Parser, Rule, Values
from omeroweb_omp_plugin.parsing.variables import MAX_MAX_VARIABLES, RESERVED_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omeroweb_omp_plugin.ai.answer import Answer

LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Fitted:
    """A rule that works on the names, with the values it gives them.

    names: of the variables, one per value of the names that fit. rows: one per name, None where the rule gives nothing.
    """

    rule: Rule
    names: tuple[str, ...]
    explanation: str
    rows: tuple[Values | None, ...]
    matched: int


def fit(
    answer: Answer,
    names: Sequence[str],
    base_rules: BaseNameRules = DEFAULT_RULES,
    terms: tuple[str, ...] = (),
) -> Fitted:
    """Run the answered rule over all names; raises UnusableAnswerError that says why it is no help."""
    if answer.mode == "separators":
        rule = Rule(separators="".join(dict.fromkeys(answer.separators)), terms=terms, base=base_rules)
    else:
        rule = Rule(mode="regex", pattern=answer.pattern, base=base_rules)
    try:
        parser = Parser(rule)
        rows = tuple(parser.all_values(names))
    except PatternTimeoutError:
        raise UnusableAnswerError("its regular expression takes too long on these names") from None
    except ParsingError as error:
        raise UnusableAnswerError(f"its rule can't be used: {error}") from None
    count, matched = usual_count(rows)
    if count < 2:
        raise UnusableAnswerError("its rule doesn't cut these names into values")
    if count > MAX_MAX_VARIABLES:
        raise UnusableAnswerError(f"its rule cuts these names into {count} values, more than anybody can use")
    if matched < LEAST_SHARE * len(names):
        raise UnusableAnswerError(f"its rule fits only {matched} of {len(names)} names")
    groups = parser.group_names
    given = [*groups, *[None] * count][:count]
    variables = [*answer.variables, *[""] * count][:count]
    chosen = tuple(group or plain(name) for group, name in zip(given, variables, strict=True))
    if RESERVED_NAME in chosen:
        raise UnusableAnswerError(
            f"it names a variable {RESERVED_NAME}, which is kept for the ownership mark"
        )
    return Fitted(rule, chosen, plain(answer.explanation), rows, matched)


def usual_count(rows: Sequence[Values | None]) -> tuple[int, int]:
    """How many values most names get (the larger of two equally frequent), and how many names get as many."""
    counts = Counter(len(row) for row in rows if row and any(row))
    if not counts:
        return 0, 0
    return max(counts.items(), key=lambda entry: (entry[1], entry[0]))


def plain(text: str) -> str:
    """Text on one line without invisible signs, which could make it look like something else."""
    kept = (
        char if unicodedata.category(char)[0] not in "CZ" or char.isspace() or char == "\u200d" else ""
        for char in text
    )
    return " ".join("".join(kept).split())
