"""What a file said, until it changes: uploads ask for quotas with every piece."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import stat_result
    from pathlib import Path

Content = TypeVar("Content")
Mark = tuple[int, int, int, int, int]

# Two changes in place within one tick of the file system's clock leave the same times.
SETTLED_NS: Final = 100_000_000


class Remembered(Generic[Content]):
    """Reads files with `read` again only when they were replaced or changed; the contents must not be changed.

    What `read` raises is not remembered, nor is a file that is missing or has only just been changed.
    """

    def __init__(self, read: Callable[[Path], Content]) -> None:
        self._read = read
        self._seen: dict[Path, tuple[Mark, Content]] = {}

    def __call__(self, path: Path) -> Content:
        # Looked at before it is read: a change in between makes the next call read again.
        try:
            found = path.stat()
        except OSError:
            return self._read(path)
        mark = _mark(found)
        seen = self._seen.get(path)
        if seen is not None and seen[0] == mark:
            return seen[1]
        content = self._read(path)
        if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED_NS:
            self._seen[path] = mark, content
        return content


def _mark(found: stat_result) -> Mark:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
