"""Digests of a block, made by other threads while the next block comes from the network."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType

    from omeroweb_upload.services.running_hash import RunningHash

# Below this, starting threads costs more than they save.
WORTH_BYTES: Final = 4 * 1024 * 1024


class HashAhead:
    """Feeds the running digests of a file, and that of the piece if it has one; use it as a context manager.

    `settle` must be called before any of them is looked at.
    """

    def __init__(self, running: RunningHash, piece: Any | None, length: int | None) -> None:
        worth = length is None or length >= WORTH_BYTES
        self._updates: list[Callable[[bytes | memoryview], None]] = [
            running.update_sha256,
            running.update_sha1,
        ]
        if piece is not None:
            self._updates.append(piece.update)
        threads = len(self._updates)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="upload-hash") if worth else None
        self._pending: list[Future[None]] = []

    def feed(self, block: bytes | memoryview) -> None:
        """Take the next block, which must not change before the feed after the next; one is being worked on."""
        if self._pool is None:
            for update in self._updates:
                update(block)
            return
        self.settle()
        self._pending = [self._pool.submit(update, block) for update in self._updates]

    def settle(self) -> None:
        """Wait for what is being worked on."""
        for one in self._pending:
            one.result()
        self._pending = []

    def __enter__(self) -> HashAhead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)
