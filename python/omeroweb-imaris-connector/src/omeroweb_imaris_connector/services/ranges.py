"""HTTP ranges: which bytes of a file somebody asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*")


class UnsatisfiableRangeError(ValueError):
    """The bytes asked for are not in the file."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`start` is in, `stop` is out."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """Number of bytes."""
        return self.stop - self.start

    def header(self, size: int) -> str:
        """The Content-Range header."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def parse_range(header: str, size: int) -> ByteRange | None:
    """The range of a Range header; None for all of the file, as for headers of another form or several ranges.

    Raises UnsatisfiableRangeError when a well-formed range has no byte of the file.
    """
    found = _ONE.fullmatch(header.strip())
    if not found or found[1] == found[2] == "":
        return None
    if found[1] == "":
        length = int(found[2])
        if length == 0 or size == 0:
            raise UnsatisfiableRangeError(header)
        return ByteRange(max(0, size - length), size)
    start = int(found[1])
    stop = size if found[2] == "" else min(size, int(found[2]) + 1)
    if found[2] != "" and int(found[2]) < start:
        return None
    if start >= size:
        raise UnsatisfiableRangeError(header)
    return ByteRange(start, stop)
