"""Regular expressions that users type: refused when dangerous, stopped when slow."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import regex

from omeroweb_omp_plugin.parsing.errors import PatternError, PatternTimeoutError

# Room for the patterns that inference writes.
MAX_PATTERN_CHARS = 8000
MAX_GROUPS = 99
MAX_NESTING = 50
MAX_REPEAT = 1000
SECONDS_PER_NAME = 0.1
SECONDS_PER_BATCH = 0.6
SECONDS_PER_FURTHER_NAME = 0.0002
TOO_SLOW_FOR_ALL = (
    "The regular expression is too slow for this many names; simplify it or choose fewer images"
)

RECURSION = regex.compile(r"\(\?(?:R|[+-]?\d+|&|P>)")
FUZZY = regex.compile(r"\{[^{}]*[eids<][^{}]*\}")
COUNT = regex.compile(r"\{(\d*)(?:(,)(\d*))?\}")


@dataclass(slots=True)
class Budget:
    """How much time one batch of names may still take."""

    seconds: float = SECONDS_PER_BATCH

    @classmethod
    def for_names(cls, count: int) -> Budget:
        """Enough for any ordinary pattern on this many names."""
        return cls(SECONDS_PER_BATCH + count * SECONDS_PER_FURTHER_NAME)


@dataclass(slots=True)
class UserPattern:
    """A checked pattern.

    With groups it extracts: the first match gives one value per group, and named groups name their key.
    Without groups it splits.
    """

    text: str
    compiled: Any = field(init=False)
    group_names: tuple[str | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.compiled = compile_pattern(self.text)
        names: dict[int, str] = {place: name for name, place in self.compiled.groupindex.items()}
        self.group_names = tuple(names.get(place) for place in range(1, self.compiled.groups + 1))

    @property
    def extracts(self) -> bool:
        """Whether it has groups."""
        return bool(self.group_names)

    def values(self, base: str, budget: Budget) -> tuple[str | None, ...] | None:
        """The values of one base name; None when the pattern doesn't match.

        Raises: PatternTimeoutError when this name or the whole batch takes too long.
        """
        allowed = min(SECONDS_PER_NAME, budget.seconds)
        if allowed <= 0:
            raise PatternTimeoutError(TOO_SLOW_FOR_ALL)
        start = time.perf_counter()
        try:
            if not self.extracts:
                return tuple(filter(None, self.compiled.split(base, timeout=allowed)))
            found = self.compiled.search(base, timeout=allowed)
        except TimeoutError:
            if allowed < SECONDS_PER_NAME:
                raise PatternTimeoutError(TOO_SLOW_FOR_ALL) from None
            raise PatternTimeoutError(
                f"The regular expression takes too long on {shortened(base)}; repeated groups that can match the "
                "same text in many ways, like (a+)+, are the usual cause"
            ) from None
        except MemoryError:
            raise PatternTimeoutError(
                f"The regular expression needs too much memory on {shortened(base)}"
            ) from None
        finally:
            budget.seconds -= time.perf_counter() - start
        return None if found is None else found.groups()


def compile_pattern(text: str) -> Any:
    """Compile a user's pattern; raises PatternError that says what is wrong and where."""
    if not text.strip():
        raise PatternError("The regular expression is empty")
    if len(text) > MAX_PATTERN_CHARS:
        raise PatternError(
            f"The regular expression has {len(text):,} characters; at most {MAX_PATTERN_CHARS:,} are allowed"
        )
    check_shape(text)
    try:
        compiled = regex.compile(text)
    except regex.error as fault:
        where = f" at character {fault.pos + 1}" if fault.pos is not None else ""
        raise PatternError(f"The regular expression is not valid: {fault.msg}{where}") from None
    except (RecursionError, OverflowError, MemoryError, ValueError, IndexError, KeyError):
        raise PatternError("The regular expression is too complicated; make it shorter or split it") from None
    if compiled.groups > MAX_GROUPS:
        raise PatternError(
            f"The regular expression has {compiled.groups} groups; at most {MAX_GROUPS} are allowed"
        )
    return compiled


def check_shape(text: str) -> None:
    """Refuse what could exhaust memory or time before any name is seen: recursion, deep nesting, huge repeats."""
    if RECURSION.search(text):
        raise PatternError("The regular expression calls itself; recursion is not allowed here")
    if FUZZY.search(text):
        raise PatternError("Fuzzy matching with {e<=…} is not allowed here")
    sizes, place = [1], 0
    last = 1
    while place < len(text):
        char = text[place]
        if char == "\\":
            place, last = place + 2, 1
        elif char == "[":
            place, last = end_of_set(text, place), 1
        elif char == "(":
            sizes.append(1)
            place, last = place + 1, 1
            if len(sizes) > MAX_NESTING:
                raise PatternError(f"The regular expression has groups nested more than {MAX_NESTING} deep")
        elif char == ")":
            last = sizes.pop() if len(sizes) > 1 else 1
            sizes[-1] = max(sizes[-1], last)
            place += 1
        elif char == "{" and (count := COUNT.match(text, place)):
            last *= repeats(count)
            sizes[-1] = max(sizes[-1], last)
            place = count.end()
            if last > MAX_REPEAT:
                raise PatternError(
                    f"The regular expression repeats something {last:,} times; at most {MAX_REPEAT:,} are allowed"
                )
        elif char in "*+?":
            place += 1
        else:
            place, last = place + 1, 1


def repeats(count: Any) -> int:
    """How often `{n}`, `{n,}` or `{n,m}` repeats at most, unbounded ones at least."""
    low, _comma, high = count.groups()
    return max(1, int((high or low or "1")[:12]))


def end_of_set(text: str, start: int) -> int:
    """The place after a character set that begins at `start`; the first `]` may stand for itself."""
    place = start + 1
    if text[place : place + 1] == "^":
        place += 1
    if text[place : place + 1] == "]":
        place += 1
    while place < len(text) and text[place] != "]":
        place += 2 if text[place] == "\\" else 1
    return place + 1


def shortened(text: str, limit: int = 60) -> str:
    """A name in quotes, cut when long."""
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
