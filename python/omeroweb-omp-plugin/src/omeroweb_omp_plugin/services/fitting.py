"""Bringing metadata of any length into key-value pairs: whole, or named as left out, but never cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.ownership import HASH_KEY
from omeroweb_omp_plugin.parsing.variables import MAX_NAME_CHARS
from omeroweb_omp_plugin.services.recipes import MAX_VALUE_CHARS, storable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from omeroweb_omp_plugin.ownership import Pairs

MOST_PAIRS = 2000
MOST_CHARS = 1_000_000
NAMED = 5
SHORTENED = "…"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The pairs of one image, and the keys whose values are too much for it."""

    pairs: Pairs = ()
    left_out: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """What is missing and why, for the image's row; empty when nothing is."""
        if not self.left_out:
            return ""
        names = ", ".join(repr(key) for key in self.left_out[:NAMED])
        more = len(self.left_out) - NAMED
        return (
            f"Not copied, because an image takes {MOST_PAIRS:,} pairs and {MOST_CHARS:,} characters at most: "
            f"{names}{f' and {more:,} more' if more > 0 else ''}."
        )


def fitted(metadata: Mapping[str, str]) -> Fitted:
    """The values that say something, each complete: a long one in several parts with numbered keys."""
    pairs: dict[str, str] = {}
    names = {HASH_KEY}
    left_out: list[str] = []
    chars = 0
    for key, raw in metadata.items():
        value = clean(raw)
        if not value or key == HASH_KEY:
            continue
        parts = parts_of(value)
        if len(pairs) + len(parts) > MOST_PAIRS or chars + len(value) > MOST_CHARS:
            left_out.append(clean(key)[:MAX_NAME_CHARS])
            continue
        chars += len(value)
        name = free_name(clean(key), parts, names)
        names |= {name, *(name + suffix for suffix, _ in parts)}
        pairs |= {name + suffix: part for suffix, part in parts}
    return Fitted(tuple(pairs.items()), tuple(left_out))


def parts_of(value: str) -> Sequence[tuple[str, str]]:
    """The value in pieces that a pair takes, with what tells their keys apart."""
    if len(value) <= MAX_VALUE_CHARS:
        return [("", value)]
    pieces = [value[start : start + MAX_VALUE_CHARS] for start in range(0, len(value), MAX_VALUE_CHARS)]
    return [(f" (part {place} of {len(pieces)})", piece) for place, piece in enumerate(pieces, start=1)]


def free_name(key: str, parts: Sequence[tuple[str, str]], taken: Set[str]) -> str:
    """The key, shortened where it is too long and numbered where it, or one of its parts, is taken."""
    room = MAX_NAME_CHARS - max(len(suffix) for suffix, _ in parts)
    found, number = bounded(key, "", room), 1
    while found in taken or any(found + suffix in taken for suffix, _ in parts):
        number += 1
        found = bounded(key, f" ({number})", room)
    return found


def bounded(key: str, suffix: str, most: int) -> str:
    """Key and suffix in at most so many characters."""
    room = most - len(suffix)
    return (key if len(key) <= room else key[: room - len(SHORTENED)] + SHORTENED) + suffix


def clean(value: str) -> str:
    """The text without what no database holds."""
    try:
        return storable(value)
    except ValueError:
        return value.replace("\0", "").encode(errors="replace").decode()
