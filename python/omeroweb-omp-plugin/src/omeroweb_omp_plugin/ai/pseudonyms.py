"""Words and numbers of file names, replaced before they leave the site and put back into the answer.

What stays is what a model needs to see the structure: separators, lengths, upper and lower case, single letters and
digits, and units of measurement. The same word gets the same replacement in all names of one question.
"""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import regex

from omeroweb_omp_plugin.parsing.patterns import end_of_set

if TYPE_CHECKING:
    from collections.abc import Iterable

UNITS = frozenset(
    [
        "nm",
        "um",
        "µm",
        "μm",
        "mm",
        "cm",
        "ms",
        "min",
        "sec",
        "hr",
        "hrs",
        "hpf",
        "hpi",
        "dpf",
        "dpi",
        "nM",
        "uM",
        "µM",
        "μM",
        "mM",
        "pM",
        "ng",
        "ug",
        "µg",
        "μg",
        "mg",
        "ml",
        "mL",
        "ul",
        "µl",
    ]
)
TOKEN = re.compile(r"[^\W\d_]{2,}|\d{2,}")
# Digits in a sentence are mostly counts; only long ones are taken for replaced numbers.
SURE_DIGITS = 3
ATTEMPTS = 200
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
GROUP_HEADER = re.compile(r"\(\?(?:P?<[A-Za-z_]\w*>|P[=>]\w+\)|<[=!]|[A-Za-z-]*[:)]|[=!>|])")
ESCAPE = re.compile(r"\\(?:[pP]\{[^}]*\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[gk]<\w+>|\d+|.)", re.DOTALL)
QUANTIFIER = re.compile(r"\{\d*,?\d*\}")


@dataclass(slots=True)
class Pseudonyms:
    """The replacements of one question; the same names and seed give the same ones."""

    hidden: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str], seed: bytes) -> Pseudonyms:
        """Replacements for every word and number of these names."""
        made = cls()
        dice = random.Random(seed)  # noqa: S311 - the seed is keyed, so that nobody can repeat the throws
        for token in sorted({token for name in names for token in TOKEN.findall(name)}):
            if token not in UNITS:
                made._add(token, dice)
        return made

    def _add(self, token: str, dice: random.Random) -> None:
        longer = 0
        for attempt in range(1, 10 * ATTEMPTS):
            if attempt % ATTEMPTS == 0:
                # So short that no free one is left.
                longer += 1
            candidate = (
                digits_like(token, dice, longer) if token[0].isdigit() else word_like(token, dice, longer)
            )
            if candidate not in self.shown and candidate not in UNITS and candidate != token:
                self.hidden[token] = candidate
                self.shown[candidate] = token
                return
        raise RuntimeError("no replacement is free")

    def hide(self, text: str) -> str:
        """The text with every word and number replaced."""
        return TOKEN.sub(lambda found: self.hidden.get(found[0], found[0]), text)

    def reveal(self, text: str) -> str:
        """A sentence with the replacements turned back."""
        return TOKEN.sub(lambda found: self._sure(found[0]), text)

    def _sure(self, token: str) -> str:
        if token.isdigit() and len(token) < SURE_DIGITS:
            return token
        return self.shown.get(token, token)

    def reveal_pattern(self, pattern: str) -> str:
        """A regular expression with the replacements in its literal parts turned back."""
        parts: list[str] = []
        place = 0
        while place < len(pattern):
            end = self._end_of_syntax(pattern, place)
            if end == place and (token := TOKEN.match(pattern, place)):
                original = self.shown.get(token[0])
                parts.append(token[0] if original is None else regex.escape(original))
                place = token.end()
            else:
                end = max(end, place + 1)
                parts.append(pattern[place:end])
                place = end
        return "".join(parts)

    @staticmethod
    def _end_of_syntax(pattern: str, place: int) -> int:
        """Where an escape, a set, a group's head or a quantifier ends that begins at `place`; else `place`."""
        if pattern[place] == "[":
            return end_of_set(pattern, place)
        for form in (ESCAPE, GROUP_HEADER, QUANTIFIER):
            if found := form.match(pattern, place):
                return found.end()
        return place


def digits_like(token: str, dice: random.Random, longer: int) -> str:
    """As many digits; none of them zero at the front unless the token's is."""
    first = "0" if token[0] == "0" else dice.choice("123456789")
    return first + "".join(dice.choice(string.digits) for _ in range(len(token) - 1 + longer))


def word_like(token: str, dice: random.Random, longer: int) -> str:
    """A word of the same length that can be spoken, with the same upper and lower case."""
    start = dice.randrange(2)
    letters = [dice.choice((CONSONANTS, VOWELS)[(start + place) % 2]) for place in range(len(token) + longer)]
    cases = token.ljust(len(letters), token[-1])
    return "".join(
        letter.upper() if case.isupper() else letter for letter, case in zip(letters, cases, strict=False)
    )
