"""Names whose numbers carry their label in front: `ec-01-sa-02`."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES_LOOKED_AT = 30
LEAST_PAIR_RATIO = 0.30
LEAST_SEEN = 2

LABEL = re.compile(r"[a-z]{2,3}")
NUMBER = re.compile(r"[0-9]+")


def detect_labels(bases: Sequence[str], separator: str = "-") -> tuple[str, ...]:
    """Labels of two or three small letters that stand before numbers, in order of first appearance.

    Empty when fewer than 30 % of the parts of the first 30 names are such pairs. A label counts when seen twice.
    """
    seen: Counter[str] = Counter()
    parts_seen = 0
    for base in bases[:NAMES_LOOKED_AT]:
        parts = [part for part in base.split(separator) if part]
        parts_seen += len(parts)
        for label, value in pairwise(parts):
            if LABEL.fullmatch(label) and NUMBER.fullmatch(value):
                seen[label] += 1
    if not parts_seen or seen.total() / parts_seen < LEAST_PAIR_RATIO:
        return ()
    return tuple(label for label, count in seen.items() if count >= LEAST_SEEN)
