"""The kept hyphens of given names written as a regular expression, for people who want to see or edit one."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.parsing.nomenclature import DATES, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omeroweb_omp_plugin.parsing.hyphens import Kept

# A letter or digit, without combining marks.
WORD = r"[\p{L}\p{N}]"
# With more names of one shape the pattern of the shape is shorter than the names.
MOST_LITERALS = 8


def separating_hyphen(kept: Iterable[Kept]) -> str:
    """A pattern (for `regex`, which allows any width behind) of every hyphen except those kept."""
    looks = conditions(kept)
    return f"-(?!{looks})" if looks else "-"


def conditions(kept: Iterable[Kept]) -> str:
    """What is true right after a kept hyphen, as alternatives; empty when none is kept."""
    return "|".join(looking_around(left, rights) for left, rights in sorted(sides(set(kept)).items()))


def sides(kept: set[Kept]) -> dict[str, set[str]]:
    """Patterns of the left side with those of the right sides that may follow."""
    found: dict[str, set[str]] = defaultdict(set)
    by_shape: dict[int, set[Kept]] = defaultdict(set)
    for hyphen in kept:
        if hyphen.date is not None:
            first, second, third = DATES[hyphen.date]
            found[first].add(f"{second}-{third}")
            found[f"{first}-{second}"].add(third)
        elif hyphen.shape is not None:
            by_shape[hyphen.shape].add(hyphen)
        else:
            found[re.escape(hyphen.left)].add(re.escape(hyphen.right))
    for number, hyphens in by_shape.items():
        if len(hyphens) > MOST_LITERALS:
            found[SHAPES[number].left].add(SHAPES[number].right)
        else:
            for hyphen in hyphens:
                found[re.escape(hyphen.left)].add(re.escape(hyphen.right))
    return found


def looking_around(left: str, rights: set[str]) -> str:
    """What holds right after a kept hyphen: this word before it, one of those after it, both whole."""
    before = f"(?:{left})" if "|" in left else left
    after = "|".join(sorted(rights, key=lambda right: (-len(right), right)))
    whole = f"(?:{after})" if "|" in after else after
    return f"(?<=(?<!{WORD}){before}-){whole}(?!{WORD})"
