"""An open file with a checksum that keeps up with writes from start to end."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.files import checksums
from omero_embedded.files.running import RunningChecksum

if TYPE_CHECKING:
    from pathlib import Path

MAX_READ_BYTES = 1 << 30
# Of an upload in blocks at least this large, so much at the end stays in the system's cache until it is on disk.
_LARGE_BLOCK_BYTES = 1 << 20
_BEHIND_BYTES = 64 << 20


class FileHandle:
    """Reads and writes one file at given positions; `read_soon` keeps what is written in the system's cache.

    Errors of the file system become omero.ResourceError with the file's id.
    """

    def __init__(
        self, path: Path, label: str, algorithm: str = checksums.SHA1, *, read_soon: bool = False
    ) -> None:
        self.path = path
        self.modified = False
        self._label = label
        self._algorithm = algorithm
        self._read_soon = read_soon
        self._descriptor: int | None = None
        self._writable = False
        self._sealed = False
        self._lock = threading.Lock()
        self._running = RunningChecksum(algorithm)

    def exists(self) -> bool:
        """Whether there is a file to read."""
        return self.path.is_file()

    def size(self) -> int:
        """Bytes on disk. Raises omero.ResourceError if there is no file."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            raise errors.resource(f"{self._label} has no file yet; write to it first") from None

    def read(self, position: int, length: int) -> bytes:
        """Up to `length` bytes; fewer at the end of the file."""
        if position < 0 or not 0 <= length <= MAX_READ_BYTES:
            raise errors.api_usage(
                f"cannot read {length} bytes at {position} of {self._label}: 0 to {MAX_READ_BYTES} are allowed"
            )
        if not self.exists():
            raise errors.resource(f"{self._label} has no file in the repository")
        with self._lock:
            return os.pread(self._open(write=False), length, position)

    def write(self, data: bytes, position: int) -> None:
        """Write bytes at a position; a gap before it is filled with zeros."""
        if position < 0:
            raise errors.api_usage(f"cannot write at {position} of {self._label}")
        with self._lock:
            try:
                descriptor = self._open(write=True)
                view = memoryview(data)
                while view:
                    view = view[os.pwrite(descriptor, view, position + len(data) - len(view)) :]
            except OSError as error:
                raise errors.resource(f"{self._label} could not be written: {error.strerror}") from error
            self.modified = True
            self._running.follow(data, position)
            if len(data) >= _LARGE_BLOCK_BYTES and not self._read_soon:
                _let_go(descriptor, position + len(data))

    def truncate(self, length: int) -> bool:
        """Cut the file to a length, making it if there is none; False if it is not longer than that."""
        if length < 0:
            raise errors.api_usage(f"cannot truncate {self._label} to {length} bytes")
        with self._lock:
            if not self.exists():
                self._open(write=True)
                self.modified = True
            if self.path.stat().st_size <= length:
                return False
            os.ftruncate(self._open(write=True), length)
            self.modified = True
            self._running.forget()
            return True

    def touch(self) -> None:
        """Make an empty file if there is none."""
        with self._lock:
            self._open(write=True)
            self.modified = True

    def seal(self, *, sealed: bool = True) -> None:
        """From now on nothing is written, or something may be again; a write that is under way ends first."""
        with self._lock:
            self._sealed = sealed

    def checksum(self) -> str:
        """The checksum of the whole file; already known after a write from start to end."""
        with self._lock:
            known = self._running.of(self.path.stat().st_size)
        return known or checksums.of_file(self._algorithm, self.path)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
            self._descriptor = None
            self._running.forget()

    def _open(self, *, write: bool) -> int:
        if write and self._sealed:
            raise errors.api_usage(f"{self._label} is verified or given up; it can no longer be written")
        if self._descriptor is not None and (self._writable or not write):
            return self._descriptor
        if write:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT if write else os.O_RDONLY, 0o640)
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._writable = descriptor, write
        return descriptor


def _let_go(descriptor: int, end: int) -> None:
    """Begin to write out what lies before `end`, and give up the cache of what is on disk already.

    A large upload would else push out of the cache what others read, and pages given up are used again for the next
    blocks: that costs less than the new ones that the system would look for.
    """
    if hasattr(os, "posix_fadvise"):
        start = max(0, end - _BEHIND_BYTES)
        os.posix_fadvise(descriptor, start, end - start, os.POSIX_FADV_DONTNEED)
