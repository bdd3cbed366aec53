"""Which hyphens belong to a name and which separate two values; both sides of the hyphen decide."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.parsing.nomenclature import DATES, SHAPES, TERMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# A letter or digit for `re`; `hyphen_pattern` has the same for `regex`, which counts combining marks as letters.
WORD = r"[^\W_]"
FIRST_WORD = re.compile(f"{WORD}*")
LAST_WORD = re.compile(f"{WORD}*\\Z")

MOST_REMEMBERED = 20_000

LEFT_OF_ANY_SHAPE = re.compile("|".join(f"(?:{shape.left})" for shape in SHAPES))
LEFT_OF_SHAPE = tuple((re.compile(shape.left), shape) for shape in SHAPES)
DATE_PATTERNS = tuple(re.compile("-".join(date)) for date in DATES)


@dataclass(frozen=True, slots=True)
class Kept:
    """A hyphen that belongs to a name: what stands left and right of it, and which shape says so, if any."""

    left: str
    right: str
    shape: int | None = None
    date: int | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """What may follow a word and its hyphen: one word (`right`), or more than one (`long`)."""

    right: Callable[[str], object] | None
    long: bool


class Remembered(dict[str, Follow | None]):
    """What may follow each word met so far; half as long to ask as a cache of function calls."""

    def __init__(self, find: Callable[[str], Follow | None]) -> None:
        super().__init__()
        self.find = find

    def __missing__(self, piece: str) -> Follow | None:
        found = self.find(piece)
        if len(self) < MOST_REMEMBERED:
            self[piece] = found
        return found


@dataclass(slots=True)
class HyphenGuard:
    """Knows the protected names: those of science and those a facility adds."""

    terms: tuple[str, ...] = ()
    pairs: dict[str, set[str]] = field(init=False)
    long_terms: dict[str, list[tuple[str, ...]]] = field(init=False)
    follow: Remembered = field(init=False)
    memory: dict[str, list[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.pairs, self.long_terms = defaultdict(set), defaultdict(list)
        for term in (*TERMS, *self.terms):
            words = tuple(term.split("-"))
            if len(words) == 2:
                self.pairs[words[0]].add(words[1])
            elif len(words) > 2:
                self.long_terms[words[0]].append(words)
        self.follow = Remembered(self._follow)

    def split(self, text: str) -> list[str]:
        """Split at the hyphens that separate; parts may be empty. The list is shared: don't change it."""
        known = self.memory.get(text)
        if known is not None:
            return known
        pieces = text.split("-")
        if len(pieces) > 2:
            return self._split_many(pieces)
        only = self.follow[pieces[0]]
        if only is not None and only.right is not None and only.right(pieces[1]):
            pieces = [text]
        if len(self.memory) < MOST_REMEMBERED:
            self.memory[text] = pieces
        return pieces

    def _split_many(self, pieces: list[str]) -> list[str]:
        kept: list[int] = []
        for place in range(len(pieces) - 1):
            follow = self.follow[pieces[place]]
            if follow is not None:
                if follow.right is not None and follow.right(pieces[place + 1]):
                    kept.append(place)
                if follow.long:
                    kept.extend(at for at, _ in self._kept_in_long(pieces, place))
        for place in sorted(set(kept), reverse=True) if len(kept) > 1 else kept:
            pieces[place] += "-" + pieces.pop(place + 1)
        return pieces

    def kept(self, text: str) -> set[Kept]:
        """Every hyphen of a text that is kept, with the reason."""
        pieces = text.split("-")
        return {kept for _, kept in self._kept(pieces, [self.follow[piece] for piece in pieces[:-1]])}

    def _kept(self, pieces: Sequence[str], follows: Sequence[Follow | None]) -> Iterator[tuple[int, Kept]]:
        for place, follow in enumerate(follows):
            if follow is None:
                continue
            if follow.right is not None and follow.right(pieces[place + 1]):
                yield place, kept_pair(last_word(pieces[place]), first_word(pieces[place + 1]))
            if follow.long:
                yield from self._kept_in_long(pieces, place)

    def _kept_in_long(self, pieces: Sequence[str], start: int) -> Iterator[tuple[int, Kept]]:
        if start + 2 >= len(pieces):
            return
        first = last_word(pieces[start])
        for words in self.long_terms.get(first, ()):
            end = start + len(words) - 1
            if end >= len(pieces) or first_word(pieces[end]) != words[-1]:
                continue
            if tuple(pieces[start + 1 : end]) == words[1:-1]:
                for cut in range(1, len(words)):
                    yield start + cut - 1, Kept("-".join(words[:cut]), "-".join(words[cut:]))
        text = f"{first}-{pieces[start + 1]}-{first_word(pieces[start + 2])}"
        for number, pattern in enumerate(DATE_PATTERNS):
            if pattern.fullmatch(text):
                yield start, Kept("1", "", date=number)
                yield start + 1, Kept("2", "", date=number)

    def _follow(self, piece: str) -> Follow | None:
        if piece.isdecimal() and len(piece) > 4:
            return None
        word = last_word(piece)
        rights = sorted(map(re.escape, self.pairs[word])) if word in self.pairs else []
        if LEFT_OF_ANY_SHAPE.fullmatch(word):
            rights += [shape.right for left, shape in LEFT_OF_SHAPE if left.fullmatch(word)]
        long = word in self.long_terms or (word.isdecimal() and len(word) in {2, 4})
        if not rights and not long:
            return None
        one_word = re.compile(f"(?:{'|'.join(rights)})(?!{WORD})").match if rights else None
        return Follow(one_word, long)


@lru_cache(maxsize=4096)
def kept_pair(left: str, right: str) -> Kept:
    """The kept hyphen between two words, with the first shape that fits them."""
    for number, (pattern, shape) in enumerate(LEFT_OF_SHAPE):
        if pattern.fullmatch(left) and re.fullmatch(shape.right, right):
            return Kept(left, right, shape=number)
    return Kept(left, right)


def first_word(text: str) -> str:
    """The letters and digits a text begins with."""
    found = FIRST_WORD.match(text)
    return found[0] if found else ""


def last_word(text: str) -> str:
    """The letters and digits a text ends with."""
    if text.isalnum():
        return text
    found = LAST_WORD.search(text)
    return found[0] if found else ""


@lru_cache(maxsize=64)
def guard_for(terms: tuple[str, ...] = ()) -> HyphenGuard:
    """The guard with a facility's own hyphenated names added."""
    return HyphenGuard(terms)
