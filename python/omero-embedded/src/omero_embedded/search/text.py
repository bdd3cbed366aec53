"""Texts as words, and whether they match."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = re.compile(r"[^\W_]+")
_PATTERNS = re.compile(r"(?:[^\W_]|[*?])+")
_ASCII = re.compile(r"[a-z0-9]+")


def words_of(text: str, *, wildcards: bool = False) -> tuple[str, ...]:
    """Runs of letters and digits, in lower case; with `wildcards`, `*` and `?` belong to words."""
    return tuple((_PATTERNS if wildcards else _WORDS).findall(text.lower()))


def has_wildcard(word: str) -> bool:
    """Whether the word stands for several."""
    return "*" in word or "?" in word


@functools.lru_cache(maxsize=1000)
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in word), re.DOTALL)


def word_matches(word: str, found: str, fuzzy: int = 0) -> bool:
    """Whether a word of a text is meant by a word of a query."""
    if fuzzy:
        return within_edits(word, found, fuzzy)
    return _pattern(word).fullmatch(found) is not None if has_wildcard(word) else word == found


def phrase_matches(words: Sequence[str], text: str, fuzzy: int = 0, slop: int = 0) -> bool:
    """Whether the words follow each other in the text, with up to `slop` other words between them."""
    found = words_of(text)
    return any(_continues(words, found, start, fuzzy, slop) for start in range(len(found)))


def _continues(words: Sequence[str], found: Sequence[str], start: int, fuzzy: int, slop: int) -> bool:
    if not word_matches(words[0], found[start], fuzzy):
        return False
    if len(words) == 1:
        return True
    last = min(start + 1 + slop, len(found) - 1)
    return any(
        _continues(words[1:], found, following, fuzzy, slop - (following - start - 1))
        for following in range(start + 1, last + 1)
    )


def hint(words: Sequence[str]) -> str | None:
    """The longest piece of plain letters that any matching text contains; None if there is no such piece."""
    pieces = [piece for word in words for piece in _ASCII.findall(re.sub(r"[*?]", " ", word))]
    return max(pieces, key=len, default=None)


def within_edits(one: str, other: str, limit: int) -> bool:
    """Whether the Levenshtein distance is at most `limit`."""
    if abs(len(one) - len(other)) > limit:
        return False
    previous = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        current = [row]
        for column, candidate in enumerate(other, 1):
            current.append(
                min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (char != candidate))
            )
        previous = current
    return previous[-1] <= limit
