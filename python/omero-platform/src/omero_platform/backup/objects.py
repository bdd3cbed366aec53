"""Contents of files, stored once under their checksum however many backups have them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omero_platform.backup.manifest import CHUNK_BYTES, DamagedBackupError, FileEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FICLONE = 0x40049409  # shares the blocks of two files, where the file system can
DRAFT = ".new-"
ATTEMPTS = 3  # to read a file that somebody is writing


@dataclass(frozen=True)
class ObjectStore:
    """The folder `objects/` beside the backups."""

    folder: Path

    def path(self, sha256: str) -> Path:
        """Where contents are."""
        return self.folder / sha256[:2] / sha256

    def add(self, source: Path, known: FileEntry | None, name: str) -> FileEntry:
        """Store a file and describe it; one that has not changed since `known` is not read again."""
        state = source.lstat()
        described = FileEntry(name, mode=state.st_mode & 0o777, mtime_ns=state.st_mtime_ns)
        if source.is_symlink():
            return replace(described, link=str(source.readlink()))
        if (
            known
            and known.sha256
            and (known.bytes, known.mtime_ns) == (state.st_size, state.st_mtime_ns)
            and self.has(known.sha256, known.bytes)
        ):
            return replace(described, sha256=known.sha256, bytes=known.bytes)
        for _attempt in range(ATTEMPTS):
            before = source.stat()
            sha256, size = self._copy(source)
            after = source.stat()
            if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
                break
        return replace(described, mtime_ns=before.st_mtime_ns, sha256=sha256, bytes=size)

    def has(self, sha256: str, size: int) -> bool:
        """Whether contents of this size are stored."""
        try:
            return self.path(sha256).stat().st_size == size
        except OSError:
            return False

    def _copy(self, source: Path) -> tuple[str, int]:
        draft = self.folder / f"{DRAFT}{secrets.token_hex(8)}"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with source.open("rb") as read, open(descriptor, "r+b") as write:  # noqa: PTH123
                if not cloned(read.fileno(), write.fileno()):
                    while chunk := read.read(CHUNK_BYTES):
                        write.write(chunk)
                    write.flush()
                os.fsync(write.fileno())
                write.seek(0)
                digest = hashlib.sha256()  # of what was stored, not of what was read
                while chunk := write.read(CHUNK_BYTES):
                    digest.update(chunk)
                size = write.tell()
            sha256 = digest.hexdigest()
            place = self.path(sha256)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            draft.chmod(0o400)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        return sha256, size

    def remove_drafts(self) -> None:
        """Delete what a backup that was killed had copied in part; call it only while no other copies."""
        for draft in self.folder.glob(f"{DRAFT}*"):
            draft.unlink()

    def check(self, entry: FileEntry) -> str:
        """What is wrong with the contents of a file; empty when nothing is. Damaged contents are set aside.

        The next backup then stores them anew.
        """
        if entry.link or not entry.sha256:
            return ""
        path = self.path(entry.sha256)
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    digest.update(chunk)
        except OSError as error:
            return f"{entry.path}: its contents cannot be read ({error.strerror})"
        if digest.hexdigest() == entry.sha256:
            return ""
        path.replace(path.with_name(path.name + ".damaged"))
        return f"{entry.path}: its contents are damaged ({path.name}.damaged)"

    def restore(self, entry: FileEntry, target: Path) -> None:
        """Write a file as it was; raises DamagedBackupError when its contents are not what they were."""
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        if entry.link:
            target.symlink_to(entry.link)
            return
        digest = hashlib.sha256()
        try:
            with (
                self.path(entry.sha256).open("rb") as read,
                open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as write,  # noqa: PTH123
            ):
                while chunk := read.read(CHUNK_BYTES):
                    digest.update(chunk)
                    write.write(chunk)
        except FileNotFoundError as error:
            raise DamagedBackupError(
                f"The contents of {entry.path} are missing: {error.filename}."
            ) from error
        if digest.hexdigest() != entry.sha256:
            raise DamagedBackupError(f"The contents of {entry.path} are damaged: {self.path(entry.sha256)}.")
        target.chmod(entry.mode)
        os.utime(target, ns=(entry.mtime_ns, entry.mtime_ns))

    def collect_garbage(self, wanted: Iterable[str]) -> int:
        """Delete what no backup needs any more; returns the number of bytes freed."""
        keep = set(wanted)
        freed = 0
        for path in self._all():
            if path.name not in keep:
                freed += path.stat().st_size
                path.unlink()
        return freed

    def _all(self) -> Iterator[Path]:
        return (path for path in self.folder.glob("*/*") if path.is_file())


def cloned(source: int, target: int) -> bool:
    """Let a file share the blocks of another; False where the file system cannot."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(target, FICLONE, source)
        return True
    return False
