"""The built-in suggester: recipes for a set of names, found here, at once, without any service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.parsing.base_name import DEFAULT_RULES, BaseNameRules
from omeroweb_omp_plugin.parsing.infer import Inference, infer
from omeroweb_omp_plugin.parsing.variables import DEFAULT_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = "local"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A recipe to offer: the inference, variable names for its columns, and why, in one sentence.

    regex: splits the names; strict_regex: extracts from the names that fit and matches no others.
    """

    inference: Inference
    names: tuple[str, ...]
    explanation: str
    source: str = SOURCE

    @property
    def regex(self) -> str:
        return self.inference.split_pattern

    @property
    def strict_regex(self) -> str:
        return self.inference.pattern


def suggest(
    names: Sequence[str],
    variable_names: Sequence[str] = DEFAULT_NAMES,
    base_rules: BaseNameRules = DEFAULT_RULES,
    terms: tuple[str, ...] = (),
) -> Suggestion:
    """The best recipe for these names; works for any names, even none.

    A column whose values tell what they are (a well, a magnification, a label) is named after that; the others get
    the user's variable names that are left, in order.
    """
    found = infer(names, base_rules, terms)
    left = [name for name in variable_names if name.strip() and name not in found.names]
    chosen = tuple(told or (left.pop(0) if left else "") for told in found.names)
    return Suggestion(found, chosen, explanation(found, len(names)))


def explanation(found: Inference, total: int) -> str:
    """What was found, in one sentence."""
    if not total:
        return "There are no names to look at"
    if found.rule.mode == "regex":
        how = "No separator divides these names, so they are cut between letters and digits"
    else:
        signs = ", ".join("space" if char == " " else char for char in found.rule.separators)
        how = f"Names are cut at {signs}"
    if found.rule.labels:
        how += f"; {', '.join(found.rule.labels)} label the number after them"
    return f"{how}: {len(found.columns)} values each, {found.matched} of {total} names fit"
