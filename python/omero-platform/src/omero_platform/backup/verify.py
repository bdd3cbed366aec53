"""Trying a backup: every checksum, then both databases restored into scratch and compared with what was dumped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.backup.dump import restore_dump, scratch_databases, snapshot
from omero_platform.backup.fingerprint import differences, fingerprint
from omero_platform.backup.manifest import (
    DamagedBackupError,
    intact_manifest,
    read_files,
    read_manifest,
    sha256_of,
)
from omero_platform.backup.objects import ObjectStore
from omero_platform.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omero_platform.backup.manifest import Manifest
    from omero_platform.maintenance.databases import DatabaseAddress

MOST_NAMED = 20
IMPORTED = """
SELECT f.path || f.name, f.size FROM originalfile f
WHERE f.repo = (SELECT r.hash FROM originalfile r WHERE r.name = 'ManagedRepository' AND r.mimetype = 'Repository')
  AND coalesce(f.mimetype, '') NOT IN ('Directory', 'Repository') AND f.size IS NOT NULL
"""
MANAGED = "omeroserver/ManagedRepository/"


def check_contents(backup: Path) -> list[str]:
    """A sentence per damage to a backup's own files; raises DamagedBackupError when its manifest is no good."""
    manifest = intact_manifest(backup)
    damage = []
    for service, entry in manifest.databases.items():
        dump = backup / entry.file
        if not dump.exists():
            damage.append(f"{service}: {dump} is missing")
        elif sha256_of(dump) != entry.sha256:
            damage.append(f"{service}: {dump} is damaged")
    store = ObjectStore(backup.parent / "objects")
    damage += [found for entry in read_files(backup) if (found := store.check(entry))]
    return damage


def refuse_damaged(backup: Path) -> Manifest:
    """The manifest of a backup that is as it was made; raises DamagedBackupError naming the damage."""
    damage = check_contents(backup)
    if damage:
        more = f" and {len(damage) - MOST_NAMED} more" if len(damage) > MOST_NAMED else ""
        raise DamagedBackupError(
            f"{backup} is damaged: {'; '.join(damage[:MOST_NAMED])}{more}.", "Use another backup."
        )
    return read_manifest(backup)


def verify_backup(backup: Path, programs: Path) -> Manifest:
    """Restore a backup into scratch and compare; raises DamagedBackupError when anything is not as it was."""
    manifest = refuse_damaged(backup)
    sentences = []
    with scratch_databases(programs, [*manifest.databases], backup.parent) as scratch:
        for service, entry in manifest.databases.items():
            try:
                restore_dump(backup / entry.file, scratch[service], programs)
            except PlatformError as error:
                raise DamagedBackupError(str(error), "Use another backup.") from error
            with snapshot(scratch[service]) as (cursor, _name):
                sentences += [
                    f"{service}: {found}" for found in differences(entry.tables, fingerprint(cursor))
                ]
        if "database" in scratch and "omeroserver" in manifest.folders:
            sentences += missing_files(
                scratch["database"], {entry.path: entry.bytes for entry in read_files(backup)}
            )
    if sentences:
        raise DamagedBackupError(
            f"{backup} does not restore to what was backed up: {'; '.join(sentences[:MOST_NAMED])}."
        )
    return manifest


def missing_files(address: DatabaseAddress, sizes: Mapping[str, int]) -> list[str]:
    """Imported files that the database knows and the backup does not have, or not in their size."""
    with snapshot(address) as (cursor, _name):
        cursor.execute("SELECT to_regclass('originalfile')")
        if cursor.fetchone()[0] is None:
            return []
        cursor.execute(IMPORTED)
        rows: list[Any] = cursor.fetchall()
    return [
        f"{name.lstrip('/')} ({size} bytes) is in OMERO, but the backup "
        + ("does not have it" if found is None else f"has {found} bytes of it")
        for name, size in rows
        if (found := sizes.get(MANAGED + name.lstrip("/"))) != size
    ]
