"""Restoring a backup where a stack is not one folder: into databases and folders that are named one by one.

Nothing that is there is replaced: databases and folders must be empty. What an interrupted restore has completed is
recognised, so the same command can be given again.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.backup.dump import fingerprint_of, restore_dump
from omero_platform.backup.fingerprint import differences
from omero_platform.backup.manifest import DamagedBackupError, read_files
from omero_platform.backup.objects import ObjectStore
from omero_platform.backup.verify import refuse_damaged
from omero_platform.errors import PlatformError
from omero_platform.maintenance.databases import looked_after, wait_until_ready

if TYPE_CHECKING:
    from omero_platform.backup.manifest import DumpEntry, FileEntry, Manifest
    from omero_platform.backup.source import Source
    from omero_platform.maintenance.databases import DatabaseAddress

STAGING = ".restoring"
BUILT = ".restored-"
OTHERS = """
SELECT DISTINCT coalesce(nullif(application_name, ''), usename, 'somebody') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND application_name <> 'omero-platform'
"""


@dataclass(frozen=True)
class Restored:
    """What was brought back, and what was there already from an earlier try."""

    databases: list[str]
    present: list[str]
    files: int


def restore_into(target: Source, backup: Path) -> Restored:
    """Fill empty databases and folders from a backup.

    Raises DamagedBackupError for a damaged backup, PlatformError when a place is missing, in use or not empty; nothing has
    changed then.
    """
    manifest = refuse_damaged(backup)
    refuse_other_places(target, manifest)
    todo = [
        address for address in target.databases if needs_filling(address, manifest.databases[address.service])
    ]
    for part, place in target.parts.items():
        refuse_filled(part, place, backup)
    files = sum(restore_files(part, place, backup) for part, place in target.parts.items())
    for address in todo:
        fill(address, backup, manifest.databases[address.service], target.programs)
    for place in target.parts.values():
        put_in_place(place, backup)
    for place in target.parts.values():  # last of all: it says that a folder's files are of this backup
        if place.is_dir():
            built(place, backup).rmdir()
    present = [address.service for address in target.databases if address not in todo]
    return Restored([address.service for address in todo], present, files)


def refuse_other_places(target: Source, manifest: Manifest) -> None:
    """Raise PlatformError unless exactly the databases and folders of the backup have a place."""
    databases = {address.service for address in target.databases}
    if missing := sorted({*manifest.databases} ^ databases):
        raise PlatformError(f"The backup and the environment do not both have: {', '.join(missing)}.")
    if missing := [name for name in manifest.folders if name not in target.parts]:
        raise PlatformError(
            f"The backup also holds {', '.join(missing)}.",
            " ".join(f"Say where with --include {name}=PATH." for name in missing),
        )
    if unknown := [name for name in target.parts if name not in manifest.folders]:
        raise PlatformError(
            f"The backup does not hold {', '.join(unknown)}.", f"It holds {', '.join(manifest.folders)}."
        )


def needs_filling(address: DatabaseAddress, entry: DumpEntry) -> bool:
    """Whether a database is empty; False when it holds just this backup. Raises PlatformError for anything else."""
    wait_until_ready(address)
    connection = address.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(OTHERS)
            others = [name for (name,) in cursor.fetchall()]
    finally:
        connection.close()
    if others:
        raise PlatformError(
            f"{address.service} is in use by {', '.join(others)}.",
            "Stop OMERO.server, OMERO.web and the worker first. Nothing was changed.",
        )
    found = fingerprint_of(address)
    if not found:
        return True
    if differences(entry.tables, found):
        raise PlatformError(
            f"{address.service} ({address.name} at {address.host}) is not empty: it has {len(found)} tables.",
            "Name a new, empty database. Nothing was changed.",
        )
    return False


def refuse_filled(part: str, place: Path, backup: Path) -> None:
    """Raise PlatformError when a folder holds anything that is not of an earlier try."""
    if not place.parent.is_dir():
        raise PlatformError(f"{place.parent} does not exist, so {part} has no place. Nothing was changed.")
    if not place.exists() or built(place, backup).exists():
        return
    if place.is_dir() and not [path for path in place.iterdir() if path.name not in (STAGING, "lost+found")]:
        return
    raise PlatformError(f"{place} is not empty.", "Name an empty folder. Nothing was changed.")


def built(place: Path, backup: Path) -> Path:
    """Where the files of a part are once all of them are there."""
    return place / f"{BUILT}{backup.name}"


def restore_files(part: str, place: Path, backup: Path) -> int:
    """Write the files of a part beside where they belong; returns their number, 0 when an earlier try has done so."""
    if place.is_dir() and built(place, backup).exists():
        return 0
    if files := [entry for entry in read_files(backup) if entry.path == part]:
        ObjectStore(backup.parent / "objects").restore(files[0], place)
        return 1
    place.mkdir(mode=0o750, exist_ok=True)
    staging = place / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o750)
    store = ObjectStore(backup.parent / "objects")
    count = 0
    for entry in read_files(backup):
        if entry.path.startswith(f"{part}/"):
            store.restore(entry, staging / inside(part, entry))
            count += 1
    give_to_owner_of(place, staging)
    os.sync()
    staging.rename(built(place, backup))
    return count


def inside(part: str, entry: FileEntry) -> Path:
    """The path of a file below its part; raises DamagedBackupError when it leads out of it."""
    path = Path(entry.path).relative_to(part)
    if path.is_absolute() or ".." in path.parts:
        raise DamagedBackupError(f"{entry.path} leads out of its folder.")
    return path


def give_to_owner_of(place: Path, folder: Path) -> None:
    """As root: give everything to the account whose folder it becomes."""
    if os.geteuid():
        return
    owner = place.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def fill(address: DatabaseAddress, backup: Path, entry: DumpEntry, programs: Path) -> None:
    """Fill one database, all or nothing, and compare it with what was dumped."""
    with looked_after(address):
        restore_dump(backup / entry.file, address, programs)
        found = differences(entry.tables, fingerprint_of(address))
    if found:
        raise DamagedBackupError(f"{address.service} is not what was backed up: {'; '.join(found[:20])}.")


def put_in_place(place: Path, backup: Path) -> None:
    """Move the files of a part to where they belong; each step can be repeated."""
    if not place.is_dir() or not built(place, backup).exists():
        return
    for path in sorted(built(place, backup).iterdir()):
        path.rename(place / path.name)
