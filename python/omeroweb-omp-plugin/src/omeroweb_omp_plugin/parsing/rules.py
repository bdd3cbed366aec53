"""The rule that turns names into values, and the parser compiled from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from omeroweb_omp_plugin.parsing.base_name import DEFAULT_RULES, BaseNameRules, base_name
from omeroweb_omp_plugin.parsing.patterns import Budget, UserPattern, shortened
from omeroweb_omp_plugin.parsing.separators import DEFAULT_SEPARATORS, Splitter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Mode = Literal["chars", "regex"]
Values = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """How names are cut into values.

    mode: `chars` splits at each of `separators`; `regex` applies `pattern`, which extracts when it has groups and
    splits when it has none.
    protect_hyphens, terms, labels: see `Splitter`; they count in `chars` mode.
    """

    mode: Mode = "chars"
    separators: str = DEFAULT_SEPARATORS
    pattern: str = ""
    protect_hyphens: bool = True
    terms: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    base: BaseNameRules = DEFAULT_RULES


@dataclass(slots=True)
class Parser:
    """A rule ready to run. Raises ParsingError on a rule that can't work."""

    rule: Rule
    user_pattern: UserPattern | None = field(init=False, default=None)
    splitter: Splitter | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        rule = self.rule
        if rule.mode == "regex":
            self.user_pattern = UserPattern(rule.pattern)
        else:
            self.splitter = Splitter(
                rule.separators, rule.protect_hyphens, rule.terms, frozenset(rule.labels)
            )

    @property
    def group_names(self) -> tuple[str | None, ...]:
        """Keys that the pattern itself gives to its values, None where a group has no name."""
        return self.user_pattern.group_names if self.user_pattern else ()

    def values(self, name: str) -> Values | None:
        """The values of one name; None when the pattern doesn't match, an entry None when a group took no part."""
        return self.values_of_base(Budget())(base_name(name, self.rule.base))

    def all_values(self, names: Iterable[str]) -> list[Values | None]:
        """The values of many names, in order; raises PatternTimeoutError when a pattern is too slow for them."""
        wanted = list(names)
        parse, rules = self.values_of_base(Budget.for_names(len(wanted))), self.rule.base
        return [parse(base_name(name, rules)) for name in wanted]

    def values_of_base(self, budget: Budget) -> Callable[[str], Values | None]:
        """The function that parses base names within a time budget."""
        if self.splitter is not None:
            return self.splitter.split
        pattern = self.user_pattern
        if pattern is None:
            raise RuntimeError("a parser has either a splitter or a pattern")
        return lambda base: pattern.values(base, budget)

    def why_empty(self, name: str) -> str:
        """A sentence on why a name gives no values."""
        base = base_name(name, self.rule.base)
        if not base:
            return f"Nothing is left of {shortened(name)} to parse"
        if self.user_pattern is None:
            return f"{shortened(base)} has nothing but separators"
        if self.user_pattern.extracts:
            return f"The regular expression doesn't match {shortened(base)}"
        return f"The regular expression matches all of {shortened(base)}; nothing is left between its matches"
