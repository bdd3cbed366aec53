"""A checksum that follows a file while it is written from start to end."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from omero_embedded.files import checksums

# Smaller blocks cost less to hash than to hand over.
LARGE_BLOCK = 256 * 1024
# For all open files: hashing overlaps with receiving and writing the next block, and needs no more than that.
_hashers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="checksum")


class RunningChecksum:
    """Knows the checksum of a file's first `size` bytes; None once writes came in another order.

    Not thread-safe: the caller holds a lock.
    """

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm
        self._checksum: checksums.Checksum | None = None
        self._pending: Future[None] | None = None
        self.size = 0

    def follow(self, data: bytes, position: int) -> None:
        """These bytes were written there."""
        if not data:
            return
        if position == 0:
            self.forget()
            self._checksum = checksums.start(self._algorithm)
        if self._checksum is None:
            return
        if position != self.size:
            self.forget()
            return
        self.size += len(data)
        self._wait()
        if len(data) < LARGE_BLOCK:
            self._checksum.update(data)
        else:
            self._pending = _hashers.submit(self._checksum.update, data)

    def of(self, size: int) -> str | None:
        """The checksum of a file of this size, None if it has to be read for that."""
        if self._checksum is None or self.size != size:
            return None
        self._wait()
        return self._checksum.hexdigest()

    def forget(self) -> None:
        """The file was changed in some other way."""
        self._wait()
        self._checksum, self.size = None, 0

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None
