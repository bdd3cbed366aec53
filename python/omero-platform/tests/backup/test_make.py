"""Making backups: complete, consistent, cheap the second time, and never half a one."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform.backup.make import backups_in, make_backup, only_one_backup, prune
from omero_platform.backup.manifest import read_files, read_manifest
from omero_platform.backup.verify import verify_backup
from omero_platform.errors import PlatformError
from omero_platform.maintenance.databases import BusyError, looked_after
from omero_platform.stack import Keep

from .conftest import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.backup.source import Source
    from omero_platform.maintenance.databases import DatabaseAddress


def test_a_backup_holds_every_table_and_file_and_can_be_restored(source: Source, tmp_path: Path) -> None:
    made = make_backup(source, tmp_path / "backups", NOON)
    manifest = read_manifest(made)
    assert made.name == "2026-11-22T120000Z"
    assert manifest.databases["database"].tables["public.experimenter"].rows == 2
    files = {entry.path: entry for entry in read_files(made)}
    assert files["omeroserver/ManagedRepository/alice_1/2026/cell.tif"].bytes == 9
    assert files["omeroserver/link.tif"].link == "/facility/cell.tif"
    assert files["secrets/database"].mode == 0o600
    assert verify_backup(made, source.programs) == manifest


def test_nobody_else_can_read_a_backup(source: Source, tmp_path: Path) -> None:
    made = make_backup(source, tmp_path / "backups", NOON)
    assert (tmp_path / "backups").stat().st_mode & 0o077 == 0
    assert made.stat().st_mode & 0o077 == 0


def test_contents_are_stored_once_however_many_backups_have_them(
    source: Source, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    make_backup(source, folder, NOON)
    before = {path: path.stat().st_ino for path in (folder / "objects").glob("*/*")}
    (data / "omeroserver/copy.tif").write_bytes(b"pixels 42")
    make_backup(source, folder, NOON + timedelta(hours=1))
    assert {
        path: path.stat().st_ino for path in (folder / "objects").glob("*/*") if path in before
    }.keys() == before.keys()
    assert len(list((folder / "objects").glob("*/*"))) == len(before)


def test_a_changed_file_is_stored_anew_and_the_old_backup_keeps_the_old_one(
    source: Source, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    first = make_backup(source, folder, NOON)
    (data / "secrets/database").write_text("new password")
    second = make_backup(source, folder, NOON + timedelta(hours=1))
    sums = [{entry.path: entry.sha256 for entry in read_files(made)} for made in (first, second)]
    assert sums[0]["secrets/database"] != sums[1]["secrets/database"]
    assert verify_backup(first, source.programs)


def test_the_dump_and_its_fingerprint_are_of_one_moment_while_bob_keeps_writing(
    source: Source, address: DatabaseAddress, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        connection = address.connect()
        with connection.cursor() as cursor:
            number = 100
            while not stop.is_set():
                number += 1
                cursor.execute("INSERT INTO experimenter VALUES (%s, 'bob', 1)", [number])
        connection.close()

    bob = threading.Thread(target=write)
    bob.start()
    try:
        made = [make_backup(source, tmp_path / "backups", NOON + timedelta(hours=hour)) for hour in range(2)]
    finally:
        stop.set()
        bob.join()
    for backup in made:
        assert verify_backup(backup, source.programs)


def test_a_failed_backup_leaves_nothing_that_looks_like_one(
    source: Source, people: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    people.execute("CREATE ROLE mallory LOGIN PASSWORD 'x'")
    people.execute("GRANT pg_monitor TO mallory")
    try:
        from dataclasses import replace

        poor = replace(source, databases=[replace(source.databases[0], user="mallory", password="x")])
        with pytest.raises(PlatformError, match=r"database could not be dumped: .*permission denied"):
            make_backup(poor, folder, NOON)
        assert backups_in(folder) == {}
        assert make_backup(source, folder, NOON).exists()
        assert [path.name for path in folder.glob(".making-*")] == []
    finally:
        people.execute("DROP ROLE mallory")


def test_what_a_killed_backup_had_copied_in_part_takes_no_room_for_ever(
    source: Source, tmp_path: Path
) -> None:
    half = tmp_path / "backups" / "objects" / ".new-0123456789abcdef"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half a file")
    make_backup(source, tmp_path / "backups", NOON)
    assert not half.exists()


def test_a_backup_waits_for_maintenance_and_gives_up_politely(
    source: Source, address: DatabaseAddress, tmp_path: Path
) -> None:
    with looked_after(address), pytest.raises(BusyError):
        make_backup(source, tmp_path / "backups", NOON, patience_seconds=0.1)


def test_two_backups_never_overlap(source: Source, tmp_path: Path) -> None:
    with only_one_backup(tmp_path / "backups"), pytest.raises(PlatformError, match="Another backup"):
        make_backup(source, tmp_path / "backups", NOON)


def test_old_backups_go_with_the_contents_that_only_they_had(
    source: Source, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    (data / "omeroserver/old.tif").write_bytes(b"only in the first")
    first = make_backup(source, folder, NOON - timedelta(days=30))
    (data / "omeroserver/old.tif").unlink()
    kept = [make_backup(source, folder, NOON + timedelta(days=day)) for day in range(2)]
    objects = len(list((folder / "objects").glob("*/*")))
    assert prune(folder, Keep(days=2, weeks=0, months=0)) == [first]
    assert len(list((folder / "objects").glob("*/*"))) == objects - 1
    assert [*backups_in(folder).values()] == kept
    assert all(verify_backup(made, source.programs) for made in kept)


@pytest.mark.parametrize("name", ["manifest.json", "files.jsonl"])
def test_while_a_backup_that_stays_is_damaged_nothing_is_deleted(
    source: Source, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "backups"
    made = [make_backup(source, folder, NOON + timedelta(days=day)) for day in range(4)]
    damaged = made[-1] / name
    damaged.write_text(
        "".join(damaged.read_text().splitlines(keepends=True)[:-1])
    )  # cut at the end of a line
    with pytest.raises(PlatformError, match="damaged"):
        prune(folder, Keep(days=1, weeks=0, months=0))
    assert len(backups_in(folder)) == 4
