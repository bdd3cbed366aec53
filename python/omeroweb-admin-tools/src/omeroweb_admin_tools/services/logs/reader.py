"""Reading a file by blocks: one that is cut off meanwhile ends in an error, where a memory map ends the process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FIRST_WINDOW_BYTES = 4 * 1024
LARGEST_WINDOW_BYTES = 256 * 1024


class ShrunkError(Exception):
    """The file is shorter than it was when it was opened: it was started anew."""


class Reader:
    """A file of the size that it had when it was opened; the block that was loaded last is read from memory."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        status = os.fstat(self._descriptor)
        self.size = status.st_size
        self.changed = status.st_mtime
        self._start = 0
        self._block = b""

    def close(self) -> None:
        """Give the file back; nothing can be read any more."""
        os.close(self._descriptor)

    def load(self, begin: int, end: int) -> bytes:
        """Return a block and keep it, so that reading in it costs no system call."""
        self._start, self._block = begin, self._from_disk(begin, end)
        return self._block

    def read(self, begin: int, end: int) -> bytes:
        """Return the bytes from `begin` up to `end` or the end of the file; raises ShrunkError."""
        begin, end = max(0, begin), min(end, self.size)
        if begin >= end:
            return b""
        first, last = begin - self._start, end - self._start
        if first >= 0 and last <= len(self._block):
            return self._block[first:last]
        return self._from_disk(begin, end)

    def find_newline(self, begin: int, end: int) -> int:
        """Return where the first line break is, -1 when there is none."""
        end = min(end, self.size)
        window = FIRST_WINDOW_BYTES
        if 0 <= begin - self._start < len(self._block):
            stop = min(end - self._start, len(self._block))
            found = self._block.find(b"\n", begin - self._start, stop)
            if found >= 0:
                return self._start + found
            begin = self._start + stop
        while begin < end:
            found = self.read(begin, min(end, begin + window)).find(b"\n")
            if found >= 0:
                return begin + found
            begin, window = begin + window, min(2 * window, LARGEST_WINDOW_BYTES)
        return -1

    def find_newline_before(self, begin: int, end: int) -> int:
        """Return where the last line break is, -1 when there is none."""
        end = min(end, self.size)
        window = FIRST_WINDOW_BYTES
        if 0 < end - self._start <= len(self._block):
            first = max(0, begin - self._start)
            found = self._block.rfind(b"\n", first, end - self._start)
            if found >= 0:
                return self._start + found
            end = self._start + first
        while begin < end:
            start = max(begin, end - window)
            found = self.read(start, end).rfind(b"\n")
            if found >= 0:
                return start + found
            end, window = start, min(2 * window, LARGEST_WINDOW_BYTES)
        return -1

    def _from_disk(self, begin: int, end: int) -> bytes:
        data = os.pread(self._descriptor, end - begin, begin)
        while len(data) < end - begin:
            more = os.pread(self._descriptor, end - begin - len(data), begin + len(data))
            if not more:
                raise ShrunkError
            data += more
        return data
