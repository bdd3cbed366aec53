"""Searching a file from its end, block by block, without turning lines into text that don't match.

A million lines are some hundred megabytes: copying, folding and searching a block run in C, so only lines that match
cost Python time. An entry is a line that starts with a time plus the lines after it that don't.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import regex

from omeroweb_admin_tools.services.logs.entries import ACCESS_TIME, ISO_TIME, REDIS_TIME, time_of
from omeroweb_admin_tools.services.logs.query import LogFilterError
from omeroweb_admin_tools.services.logs.reader import Reader, ShrunkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo
    from pathlib import Path
    from types import TracebackType

BLOCK_BYTES = 1024 * 1024
LONGEST_LINE_BYTES = 16 * 1024 * 1024
HEAD_BYTES = 300
HEAD_SEARCH_BYTES = 64 * 1024
ENTRY_BYTES = 64 * 1024
PROBE_BYTES = 256 * 1024

Spot = tuple[int, int]

# What a line of each level must contain; levels that most lines have are not worth looking for.
LEVEL_WORDS: dict[str, tuple[bytes, ...]] = {
    "warn": (b"WARN", b" # "),
    "error": (b"ERROR", b"SEVERE"),
    "fatal": (b"FATAL", b"CRIT", b"PANIC"),
}
# As the value of a key called level, with and without quotes before it.
LEVEL_VALUES: dict[str, tuple[bytes, ...]] = {
    "warn": (b"=warn", b'"warn'),
    "error": (b"=err", b'"err'),
    "fatal": (b"=fatal", b"=crit", b"=panic", b'"fatal', b'"crit', b'"panic'),
}
# The status in a line of an access log.
LEVEL_STATUSES: dict[str, tuple[bytes, ...]] = {"warn": (b'" 4',), "error": (b'" 5',), "fatal": ()}


class OutOfTimeError(Exception):
    """The search took longer than it may."""


class Matcher(Protocol):
    """Finds lines in a block."""

    def spots(self, block: bytes, seconds: float) -> list[Spot]:
        """Return start and end of matching lines, in their order; raises OutOfTimeError."""


@dataclass(frozen=True, slots=True)
class EveryLine:
    """Matches all lines."""

    def spots(self, block: bytes, seconds: float) -> list[Spot]:  # noqa: ARG002 - always fast
        found: list[Spot] = []
        start = 0
        while start < len(block):
            end = block.find(b"\n", start)
            end = len(block) if end < 0 else end
            found.append((start, end))
            start = end + 1
        return found


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Matches lines with one of some texts; `fold` ignores the case of ASCII letters."""

    needles: tuple[bytes, ...]
    fold: bool = False

    def spots(self, block: bytes, seconds: float) -> list[Spot]:  # noqa: ARG002 - always fast
        where = block.lower() if self.fold else block
        found: set[Spot] = set()
        for needle in self.needles:
            place = where.find(needle)
            while place >= 0:
                start = where.rfind(b"\n", 0, place) + 1
                end = where.find(b"\n", place)
                end = len(where) if end < 0 else end
                found.add((start, end))
                place = where.find(needle, end + 1)
        return sorted(found)


@dataclass(frozen=True, slots=True)
class OfLevels:
    """Matches lines that may be of some levels; each way of writing them is only looked for where it occurs."""

    levels: tuple[str, ...]

    def spots(self, block: bytes, seconds: float) -> list[Spot]:
        marks = [mark for level in self.levels for mark in LEVEL_WORDS[level]]
        if b"level" in block:
            marks += [mark for level in self.levels for mark in LEVEL_VALUES[level]]
        if b" HTTP/" in block:
            marks += [mark for level in self.levels for mark in LEVEL_STATUSES[level]]
        return AnyOf(tuple(marks)).spots(block, seconds)


class Expression:
    """Matches lines with a regular expression, within a time limit."""

    def __init__(self, pattern: str) -> None:
        try:
            self._compiled = regex.compile(pattern.encode(), regex.MULTILINE | regex.IGNORECASE)
        except regex.error as error:
            raise LogFilterError(f"This is not a regular expression: {error}.") from error

    def spots(self, block: bytes, seconds: float) -> list[Spot]:
        found: list[Spot] = []
        end = -1
        try:
            for match in self._compiled.finditer(block, timeout=seconds):
                place = match.start()
                if place > end:
                    start = block.rfind(b"\n", 0, place) + 1
                    end = block.find(b"\n", place)
                    end = len(block) if end < 0 else end
                    if start < len(block):
                        found.append((start, end))
        except TimeoutError:
            raise OutOfTimeError from None
        return found


def matcher_for(text: str, *, is_regex: bool, levels: frozenset[str]) -> Matcher:
    """Return the fastest matcher that misses nothing of what is wanted; what it finds may still be too much.

    A level stands in the first line of an entry, a text may stand in any of them.
    """
    if levels and levels <= set(LEVEL_WORDS):
        return OfLevels(tuple(sorted(levels)))
    return text_matcher(text, is_regex=is_regex)


def text_matcher(text: str, *, is_regex: bool) -> Matcher:
    """Return what finds the text alone; raises LogFilterError for a wrong regular expression."""
    if text and is_regex:
        return Expression(text)
    return AnyOf((text.encode().lower(),), fold=True) if text else EveryLine()


def is_head(line: bytes) -> bool:
    """Say whether a line starts an entry."""
    return (
        ISO_TIME.match(line) is not None
        or REDIS_TIME.match(line) is not None
        or ACCESS_TIME.match(line) is not None
    )


class LogFile:
    """One log file as it was when it was opened; use as a context manager. Reading raises ShrunkError once it is shorter."""

    def __init__(self, path: Path, zone: tzinfo) -> None:
        self._zone = zone
        self._data = Reader(path)
        self.changed = self._data.changed

    def __enter__(self) -> LogFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._data.close()

    def __len__(self) -> int:
        return self._data.size

    def entries_backward(self, low: int, high: int, matcher: Matcher, deadline: float) -> Iterator[Spot]:
        """Yield start and end of the entries with a matching line, last first; raises OutOfTimeError."""
        last = -1
        for start, end in self._lines_backward(low, high, matcher, deadline):
            head = self._head(start, end, low)
            if head != last:
                last = head
                yield head, self._end(head, high)

    def _lines_backward(self, low: int, high: int, matcher: Matcher, deadline: float) -> Iterator[Spot]:
        end = high
        while end > low:
            begin = self._block_start(low, end)
            left = deadline - time.monotonic()
            if left <= 0:
                raise OutOfTimeError
            for start, stop in reversed(matcher.spots(self._data.load(begin, end), left)):
                yield begin + start, begin + stop
            end = begin

    def _block_start(self, low: int, end: int) -> int:
        if end - low <= BLOCK_BYTES:
            return low
        newline = self._data.find_newline(end - BLOCK_BYTES, end - 1)
        if newline >= 0:
            return newline + 1
        floor = max(low, end - LONGEST_LINE_BYTES)
        newline = self._data.find_newline_before(floor, end - BLOCK_BYTES)
        return newline + 1 if newline >= 0 else floor

    def _head(self, start: int, end: int, low: int) -> int:
        """Return where the entry of a line starts: the line itself when no line with a time is near."""
        line_start, floor = start, max(low, start - HEAD_SEARCH_BYTES)
        if is_head(self._data.read(start, min(end, start + HEAD_BYTES))):
            return start
        while line_start > floor:
            newline = self._data.find_newline_before(floor, line_start - 1)
            line_start = newline + 1 if newline >= 0 else floor
            if is_head(self._data.read(line_start, line_start + HEAD_BYTES)):
                return line_start
        return start

    def _end(self, head: int, high: int) -> int:
        ceiling = min(high, head + ENTRY_BYTES)
        end = self._line_end(head, ceiling)
        while end + 1 < ceiling and not is_head(self._data.read(end + 1, end + 1 + HEAD_BYTES)):
            end = self._line_end(end + 1, ceiling)
        return end

    def _line_end(self, start: int, ceiling: int) -> int:
        end = self._data.find_newline(start, ceiling)
        return ceiling if end < 0 else end

    def text(self, start: int, end: int) -> bytes:
        """Return the bytes of an entry."""
        return self._data.read(start, end)

    def time_at(self, start: int) -> datetime | None:
        """Return the time of the line at an offset."""
        return time_of(self._data.read(start, start + HEAD_BYTES), self._zone)

    def offset_of(self, moment: datetime) -> int:
        """Return where the first entry at or after a moment starts, by halving; the file's times must not fall."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            start, found = self._next_head(middle, high)
            if found is None or found >= moment:
                high = middle
            else:
                low = start + 1
        start, found = self._next_head(low, len(self))
        return len(self) if found is None else start

    def _next_head(self, offset: int, high: int) -> tuple[int, datetime | None]:
        start = offset if offset == 0 else self._data.find_newline(offset - 1, high) + 1
        limit = min(high, offset + PROBE_BYTES)
        while 0 < start < limit or (start == 0 and offset == 0 and limit > 0):
            found = self.time_at(start)
            if found is not None:
                return start, found
            newline = self._data.find_newline(start, high)
            if newline < 0:
                break
            start = newline + 1
        return high, None

    def lines_around(self, offset: int, before: int, after: int) -> tuple[list[Spot], int]:
        """Return the entries around the one at an offset, oldest first, and its place among them; raises ShrunkError."""
        if offset >= len(self):
            raise ShrunkError
        earlier: list[Spot] = []
        deadline = time.monotonic() + 5
        for spot in self.entries_backward(0, offset, EveryLine(), deadline):
            if len(earlier) == before:
                break
            earlier.append(spot)
        later: list[Spot] = []
        start = offset
        while start < len(self) and len(later) <= after:
            end = self._end(start, len(self))
            later.append((start, end))
            start = end + 1
        return [*reversed(earlier), *later], len(earlier)
