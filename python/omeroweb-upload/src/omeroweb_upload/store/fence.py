"""Who may write to a staged file: the request that came last, whatever became of those before it.

A request whose network went away may wake up much later. Before every block it looks, under a lock, whether the fence
still holds its own token; a later request has put another one there, and the earlier one ends without writing.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

TOKEN_BYTES: Final = 16


class FenceLostError(Exception):
    """A later request writes to this file now."""


class Fence:
    """The right to write to one file; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._token = os.urandom(TOKEN_BYTES)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        try:
            os.pwrite(self._handle, self._token, 0)
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from taking the fence for the length of the block; raises FenceLostError if one has."""
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        try:
            if os.pread(self._handle, TOKEN_BYTES, 0) != self._token:
                raise FenceLostError("another request continues this file")
            yield
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def __enter__(self) -> Fence:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)
