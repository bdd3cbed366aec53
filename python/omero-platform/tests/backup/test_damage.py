"""Every kind of damage is found and named, before anything is restored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform.backup.make import make_backup
from omero_platform.backup.manifest import DamagedBackupError, read_files, read_manifest, write_manifest
from omero_platform.backup.objects import ObjectStore
from omero_platform.backup.verify import verify_backup

from .conftest import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.backup.source import Source

CELL = "omeroserver/ManagedRepository/alice_1/2026/cell.tif"


def cell_object(backup: Path) -> Path:
    """Where the contents of alice's image are."""
    entry = next(entry for entry in read_files(backup) if entry.path == CELL)
    return ObjectStore(backup.parent / "objects").path(entry.sha256)


def flip(path: Path, position: int) -> None:
    """Change one bit, as a failing disk does."""
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def test_a_changed_bit_in_an_image_is_found_and_the_next_backup_heals_it(
    source: Source, backup: Path
) -> None:
    flip(cell_object(backup), 3)
    with pytest.raises(DamagedBackupError, match=f"{CELL}: its contents are damaged"):
        verify_backup(backup, source.programs)
    again = make_backup(source, backup.parent, NOON + timedelta(hours=1))
    assert verify_backup(again, source.programs)
    assert verify_backup(backup, source.programs)


def test_a_missing_image_is_found(source: Source, backup: Path) -> None:
    cell_object(backup).unlink()
    with pytest.raises(DamagedBackupError, match=f"{CELL}: its contents cannot be read"):
        verify_backup(backup, source.programs)


def test_a_changed_bit_in_a_dump_is_found(source: Source, backup: Path) -> None:
    flip(backup / "database.dump", 2000)
    with pytest.raises(DamagedBackupError, match=r"database\.dump is damaged"):
        verify_backup(backup, source.programs)


@pytest.mark.parametrize("name", ["manifest.json", "files.jsonl"])
def test_a_changed_list_is_found(source: Source, backup: Path, name: str) -> None:
    flip(backup / name, 30)
    with pytest.raises(DamagedBackupError, match=f"{name} is damaged"):
        verify_backup(backup, source.programs)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256", "files.jsonl", "database.dump"])
def test_a_missing_part_is_found(source: Source, backup: Path, name: str) -> None:
    (backup / name).unlink()
    with pytest.raises(DamagedBackupError):
        verify_backup(backup, source.programs)


def test_a_dump_that_restores_to_something_else_is_found(source: Source, backup: Path, people: Any) -> None:
    people.execute("UPDATE experimenter SET name = 'mallory' WHERE id = 1")
    people.execute("DELETE FROM originalfile WHERE name = 'cell.tif'")
    other = make_backup(source, backup.parent, NOON + timedelta(hours=1))
    mixed = read_manifest(backup)
    tables = mixed.databases["database"].tables
    tables.clear()
    tables.update(read_manifest(other).databases["database"].tables)
    write_manifest(backup, mixed)
    with pytest.raises(DamagedBackupError) as found:
        verify_backup(backup, source.programs)
    assert "public.experimenter has other contents" in str(found.value)
    assert "public.originalfile has 2 rows instead of 1" in str(found.value)


def test_an_imported_file_that_omero_knows_but_the_disk_lacks_is_found(
    source: Source, data: Path, tmp_path: Path
) -> None:
    (data / CELL).unlink()
    made = make_backup(source, tmp_path / "backups", NOON)
    with pytest.raises(
        DamagedBackupError, match=r"cell\.tif \(9 bytes\) is in OMERO, but the backup does not have it"
    ):
        verify_backup(made, source.programs)
