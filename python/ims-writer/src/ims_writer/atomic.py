"""Files that appear whole or not at all."""

import contextlib
import fcntl
import io
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ims_writer.errors import WriteFailedError

_SUFFIX = ".ims-part"


class PartFile(io.RawIOBase):
    """A file under construction whose writes never fail: the first error is kept, later writes are dropped.

    HDF5 cannot close a file it can no longer write, and would hold the descriptor (and with it the space of
    the deleted file) until the process ends. This lets it close; whoever writes asks `check` how it went.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        super().__init__()
        self.path = path
        self._descriptor = descriptor
        self._place = 0
        self._error: OSError | None = None

    def check(self) -> None:
        """Raise WriteFailedError for the first error that writing met."""
        if self._error is not None:
            raise WriteFailedError(f"The file cannot be written: {self._error}") from self._error

    def sync(self) -> None:
        """Have the system put everything on the disk."""
        os.fsync(self._descriptor)

    def discard(self) -> None:
        """Give up the descriptor and, unless it was renamed, the file."""
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to an offset; as everywhere."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: os.fstat(self._descriptor).st_size}[
            whence
        ]
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        """The current offset."""
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Read from the current offset, zeros where nothing was written."""
        view = memoryview(buffer).cast("B")
        got = os.preadv(self._descriptor, [view], self._place)
        view[got:] = bytes(len(view) - got)
        self._place += len(view)
        return len(view)

    def write(self, data: Any) -> int:
        """Write at the current offset, all of it or, after an error, nothing."""
        view = memoryview(data).cast("B")
        done = 0
        try:
            while done < len(view) and self._error is None:
                done += os.pwrite(self._descriptor, view[done:], self._place + done)
        except OSError as error:
            self._error = error
        self._place += len(view)
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Set the length."""
        length = self._place if size is None else size
        try:
            if self._error is None:
                os.ftruncate(self._descriptor, length)
        except OSError as error:
            self._error = error
        return length


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[PartFile]:
    """Give a temporary file beside `target`; on success it is synced and renamed, on any exception removed.

    Raises WriteFailedError when the folder or the disk refuses. The file is locked while its writer lives,
    which is how `remove_abandoned` tells what a killed process left.
    """
    with _refusals(target):
        part = _locked_part(target)
    try:
        yield part
        part.check()
        with _refusals(target):
            part.sync()
            part.path.rename(target)
            _sync_folder(target.parent)
    finally:
        part.discard()


@contextlib.contextmanager
def _refusals(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteFailedError(f"{target} cannot be written: {error}") from error


def remove_abandoned(folder: Path) -> list[Path]:
    """Delete temporary files in `folder` whose writers are gone (killed, power lost); returns those."""
    removed = []
    for path in folder.glob(f".*{_SUFFIX}"):
        with contextlib.suppress(FileNotFoundError), path.open("rb") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path.unlink()
            removed.append(path)
    return removed


def _locked_part(target: Path) -> PartFile:
    while True:
        path = target.parent / f".{target.name[:100]}.{secrets.token_hex(6)}{_SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # A sweep that came between the two calls took the file for abandoned; start over with another.
        if os.fstat(descriptor).st_nlink:
            return PartFile(path, descriptor)
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
