"""Making a backup while the stack runs.

Files are copied before the databases are dumped and once more after it: whatever the dump mentions was there either
before it or, if it came in between, shortly after. The second look reads only what has changed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from omero_platform.backup.dump import dump_databases
from omero_platform.backup.manifest import (
    DamagedBackupError,
    FileEntry,
    Manifest,
    intact_manifest,
    read_files,
    read_manifest,
    write_files,
    write_manifest,
)
from omero_platform.backup.objects import ObjectStore
from omero_platform.backup.retention import kept
from omero_platform.backup.source import files_below
from omero_platform.errors import PlatformError
from omero_platform.maintenance.databases import looked_after, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omero_platform.backup.source import Source
    from omero_platform.stack import Keep

NAME = "%Y-%m-%dT%H%M%SZ"
DRAFT = ".making-"
MAINTENANCE_PATIENCE_SECONDS = 1800
SPARE_BYTES = 200_000_000


def make_backup(source: Source, folder: Path, now: datetime, patience_seconds: float | None = None) -> Path:
    """Make a backup; it appears under its final name only when it is complete and on disk.

    Raises PlatformError when something is missing, BusyError while maintenance goes on for too long.
    """
    patience = MAINTENANCE_PATIENCE_SECONDS if patience_seconds is None else patience_seconds
    with only_one_backup(folder), ExitStack() as held:
        for address in source.databases:
            wait_until_ready(address)
            held.enter_context(looked_after(address, patience))
        final = folder / now.astimezone(UTC).strftime(NAME)
        if final.exists():
            raise PlatformError(f"{final} exists already.", "Wait a second and try again.")
        for leftover in folder.glob(f"{DRAFT}*"):
            shutil.rmtree(leftover)
        draft = folder / f"{DRAFT}{final.name}"
        draft.mkdir(mode=0o700)
        store = ObjectStore(folder / "objects")
        store.remove_drafts()
        earlier = known_files(folder)
        check_room(source, folder, earlier)
        entries = copy_files(source, store, earlier)
        databases = dump_databases(source.databases, source.programs, draft)
        entries = {**entries, **copy_files(source, store, entries)}
        ordered = [entries[path] for path in sorted(entries)]
        manifest = Manifest(
            created=now.astimezone(UTC).isoformat(timespec="seconds"),
            databases=databases,
            folders=[name for name, place in source.parts.items() if place.exists()],
            files=len(ordered),
            file_bytes=sum(entry.bytes for entry in ordered),
            files_sha256=write_files(draft, ordered),
        )
        write_manifest(draft, manifest)
        for path in (*draft.iterdir(), *store.folder.iterdir(), store.folder, draft):
            to_disk(path)
        draft.rename(final)
        to_disk(folder)
        return final


def to_disk(path: Path) -> None:
    """Return when a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def only_one_backup(folder: Path) -> Iterator[None]:
    """Let one process at a time work on a folder of backups; raises PlatformError for a second one."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise PlatformError(
            f"{folder} cannot be written: {error.strerror}.", "Choose another with --to."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PlatformError(
                f"Another backup is being made or tried in {folder}.", "Wait until it is done."
            ) from error
        yield


def backups_in(folder: Path) -> dict[datetime, Path]:
    """Complete backups by the time they were made, oldest first."""
    found = {}
    for path in sorted(folder.glob("*Z")):
        try:
            found[datetime.strptime(path.name, NAME).replace(tzinfo=UTC)] = path
        except ValueError:
            continue
    return found


def known_files(folder: Path) -> dict[str, FileEntry]:
    """The files of the newest backup that can be read; they need not be read again when they are unchanged."""
    for path in reversed(backups_in(folder).values()):
        try:
            read_manifest(path)
            return {entry.path: entry for entry in read_files(path)}
        except (DamagedBackupError, ValueError, OSError):
            continue
    return {}


def check_room(source: Source, folder: Path, known: dict[str, FileEntry]) -> None:
    """Raise PlatformError when what is new would not fit."""
    needed = SPARE_BYTES
    for part, place in source.parts.items():
        for name, path in files_below(part, place):
            state = path.lstat()
            entry = known.get(name)
            if not entry or (entry.bytes, entry.mtime_ns) != (state.st_size, state.st_mtime_ns):
                needed += state.st_size
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise PlatformError(
            f"The backup needs {needed // 1_000_000} MB, and {free // 1_000_000} MB are free at {folder}.",
            "Make room, or choose a folder on another disk with --to. Earlier backups are untouched.",
        )


def copy_files(source: Source, store: ObjectStore, known: dict[str, FileEntry]) -> dict[str, FileEntry]:
    """Store every file that is there now; one that disappears meanwhile was deleted by its owner."""
    entries = {}
    for part, place in source.parts.items():
        for name, path in files_below(part, place):
            try:
                entries[name] = store.add(path, known.get(name), name)
            except FileNotFoundError:
                continue
    return entries


def prune(folder: Path, keep: Keep) -> list[Path]:
    """Delete the backups whose time has come, and contents that no other needs; returns what was deleted.

    While none of the backups that stay can be read, nothing is deleted.
    """
    with only_one_backup(folder):
        found = backups_in(folder)
        stay = kept(found, keep)
        wanted: set[str] = set()
        for time in stay:
            intact_manifest(found[time])
            wanted |= {entry.sha256 for entry in read_files(found[time])}
        gone = [path for time, path in found.items() if time not in stay]
        for path in gone:
            shutil.rmtree(path)
        ObjectStore(folder / "objects").collect_garbage(wanted)
        return gone
