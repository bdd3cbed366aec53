"""Restoring into databases and folders named one by one: complete, never over anything, and again after a fault."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform import cli
from omero_platform.backup import elsewhere
from omero_platform.backup.dump import fingerprint_of
from omero_platform.backup.elsewhere import restore_into
from omero_platform.backup.manifest import DamagedBackupError, read_files
from omero_platform.backup.objects import ObjectStore
from omero_platform.backup.source import Source
from omero_platform.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omero_platform.maintenance.databases import DatabaseAddress

CELL = "ManagedRepository/alice_1/2026/cell.tif"


@pytest.fixture
def empty(address: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A second, empty database on the same server."""
    connection = replace(address, name="postgres").connect()
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE elsewhere")
        yield replace(address, name="elsewhere")
        cursor.execute("DROP DATABASE elsewhere WITH (FORCE)")
    connection.close()


@pytest.fixture
def target(source: Source, empty: DatabaseAddress, tmp_path: Path) -> Source:
    """Where the backup goes: one folder exists as a mounted disk does, the other does not yet."""
    (tmp_path / "OMERO" / "lost+found").mkdir(parents=True)
    places = {"omeroserver": tmp_path / "OMERO", "secrets": tmp_path / "secrets"}
    return Source([empty], places, source.programs)


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file and link with its contents and mode."""
    return {
        str(path.relative_to(folder)): (
            str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest(),
            path.lstat().st_mode,
        )
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_databases_and_files_come_back_as_they_were(
    source: Source, backup: Path, target: Source, data: Path, empty: DatabaseAddress
) -> None:
    done = restore_into(target, backup)
    assert (done.databases, done.present, done.files) == (["database"], [], 4)
    assert fingerprint_of(empty) == fingerprint_of(source.databases[0])
    assert tree(target.parts["omeroserver"]) == tree(data / "omeroserver")
    assert tree(target.parts["secrets"]) == tree(data / "secrets")
    assert sorted(path.name for path in target.parts["omeroserver"].iterdir()) == [
        "Files", "ManagedRepository", "link.tif", "lost+found"
    ]  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_gives_the_files_to_the_owner_of_their_folder(backup: Path, target: Source) -> None:
    os.chown(target.parts["omeroserver"], 12345, 12345)
    restore_into(target, backup)
    assert {
        path.lstat().st_uid for path in target.parts["omeroserver"].rglob("*") if path.name != "lost+found"
    } == {12345}


def test_a_database_with_tables_and_a_folder_with_files_are_left_alone(
    source: Source, backup: Path, target: Source, people: Any, empty: DatabaseAddress
) -> None:
    people.execute("UPDATE experimenter SET name = 'later' WHERE id = 1")
    with pytest.raises(PlatformError, match=r"database \(work at 127.0.0.1\) is not empty: it has 2 tables"):
        restore_into(replace(target, databases=source.databases), backup)
    (target.parts["omeroserver"] / "precious.tif").write_bytes(b"x")
    with pytest.raises(PlatformError, match="OMERO is not empty"):
        restore_into(target, backup)
    assert fingerprint_of(empty) == {}
    assert not target.parts["secrets"].exists()
    people.execute("SELECT name FROM experimenter WHERE id = 1")
    assert people.fetchone() == ("later",)


def test_a_database_that_omero_still_uses_is_refused(
    backup: Path, target: Source, empty: DatabaseAddress
) -> None:
    omero = empty.connect()
    with omero.cursor() as cursor:
        cursor.execute("SET application_name = 'OMERO.server'")
        with pytest.raises(PlatformError, match=r"database is in use by OMERO\.server"):
            restore_into(target, backup)
    omero.close()


def test_every_part_of_the_backup_needs_a_place_and_no_other(backup: Path, target: Source) -> None:
    one = {"omeroserver": target.parts["omeroserver"]}
    with pytest.raises(PlatformError, match="also holds secrets") as refused:
        restore_into(replace(target, parts=one), backup)
    assert refused.value.advice == "Say where with --include secrets=PATH."
    with pytest.raises(PlatformError, match="does not hold photos"):
        restore_into(replace(target, parts={**target.parts, "photos": one["omeroserver"]}), backup)
    with pytest.raises(PlatformError, match="do not both have: database"):
        restore_into(replace(target, databases=[]), backup)


def test_a_damaged_backup_writes_nothing(backup: Path, target: Source, empty: DatabaseAddress) -> None:
    entry = next(entry for entry in read_files(backup) if entry.path.endswith("cell.tif"))
    path = ObjectStore(backup.parent / "objects").path(entry.sha256)
    path.chmod(0o600)
    path.write_bytes(b"pixels 43")
    with pytest.raises(DamagedBackupError, match=r"cell\.tif: its contents are damaged"):
        restore_into(target, backup)
    assert fingerprint_of(empty) == {}
    assert tree(target.parts["omeroserver"]) == {}


@pytest.mark.parametrize("step", ["restore_files", "fill", "put_in_place"])
@pytest.mark.parametrize("after", [False, True])
def test_the_same_command_completes_what_was_interrupted(
    source: Source, backup: Path, target: Source, data: Path, empty: DatabaseAddress,
    monkeypatch: pytest.MonkeyPatch, step: str, after: bool,
) -> None:  # fmt: skip
    with monkeypatch.context() as patched:
        whole = getattr(elsewhere, step)

        def interrupted(*arguments: Any) -> Any:
            if after:
                whole(*arguments)
            raise KeyboardInterrupt

        patched.setattr(elsewhere, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            restore_into(target, backup)
    restore_into(target, backup)
    assert fingerprint_of(empty) == fingerprint_of(source.databases[0])
    assert tree(target.parts["omeroserver"]) == tree(data / "omeroserver")
    assert tree(target.parts["secrets"]) == tree(data / "secrets")


def test_the_command_restores_both_databases_from_the_environment(
    source: Source, address: DatabaseAddress, empty: DatabaseAddress, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    admin = replace(address, name="postgres").connect()
    with admin.cursor() as cursor:
        for name in ("plugins", "plugins_elsewhere"):
            cursor.execute(f"CREATE DATABASE {name}")
    try:
        for suffix, databases in (("", ("work", "plugins")), ("2", ("elsewhere", "plugins_elsewhere"))):
            for prefix, name in zip(("OMERO_DB", "PLUGIN_DB"), databases, strict=True):
                for part, value in (
                    ("HOST", address.host), ("PORT", str(address.port)), ("NAME", name),
                    ("USER", address.user), ("PASS", address.password),
                ):  # fmt: skip
                    monkeypatch.setenv(f"{prefix}_{part}", value)
            if not suffix:
                plugin = replace(address, name="plugins").connect()
                with plugin.cursor() as cursor:
                    cursor.execute("CREATE TABLE setting (name text); INSERT INTO setting VALUES ('kept')")
                plugin.close()
                words = ["backup", "--from-environment", "--to", str(tmp_path / "backups"), "--keep-all"]
                parts = {name: str(place) for name, place in source.parts.items()}
            else:
                words = ["restore", "--from-environment", "--to", str(tmp_path / "backups")]
                parts = {"omeroserver": str(tmp_path / "new"), "secrets": str(tmp_path / "kept")}
            includes = [word for name, place in parts.items() for word in ("--include", f"{name}={place}")]
            assert cli.main([*words, *includes]) == 0, capsys.readouterr().out
        assert "2 databases and 4 files" in " ".join(capsys.readouterr().out.split())
        assert fingerprint_of(empty) == fingerprint_of(address)
        assert fingerprint_of(replace(address, name="plugins_elsewhere"))["public.setting"].rows == 1
        assert (tmp_path / "new" / CELL).read_bytes() == b"pixels 42"
        assert (tmp_path / "kept" / "database").read_text() == "sesame"
    finally:
        with admin.cursor() as cursor:
            for name in ("plugins", "plugins_elsewhere"):
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.close()
