"""Sorting as people read: 2 before 10."""

import re

DIGITS = re.compile(r"(\d+)")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key for `sorted` that compares runs of digits as numbers and letters without regard to case."""
    key = []
    for part in DIGITS.split(text.casefold()):
        if part.isdecimal():
            key.append((0, int(part[:4000]), ""))
        elif part:
            key.append((1, 0, part))
    return (*key, (-1, 0, text))
