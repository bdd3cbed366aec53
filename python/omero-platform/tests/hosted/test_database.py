"""A database's data folder: made once, kept, brought to new passwords, never half made."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from omero_platform.errors import PlatformError
from omero_platform.hosted.database import host_rules, literal, quoted

from .conftest import account_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]


def variables(place: Path, programs: Path, password: str = "first") -> dict[str, str]:
    """What the unit tells the part."""
    return {
        "POSTGRESQL_PROGRAMS": str(programs),
        "PGDATA": str(place / "database/pgdata"),
        "DATABASE_NAME": "omero-plugin",
        "DATABASE_USER": "omero-plugin",
        "DATABASE_PASSWORD": password,
        "MONITORING_PASSWORD": "watching",
    }


@contextmanager
def serving(place: Path, programs: Path) -> Iterator[int]:
    """PostgreSQL on the folder; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [programs / "postgres", "-D", place / "database/pgdata"]
    command += ["-c", f"port={port}", "-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1"]
    server = subprocess.Popen([*account_prefix(), *map(str, command)], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, check=False).returncode:
            assert time.monotonic() < deadline
            assert server.poll() is None
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def connect(port: int, user: str, password: str) -> Any:
    return psycopg2.connect(host="127.0.0.1", port=port, dbname="omero-plugin", user=user, password=password)


def test_a_new_folder_serves_its_owner_and_its_observer(place: Path, programs: Path, hosted: Run) -> None:
    made = hosted("database", **variables(place, programs))
    assert made.returncode == 0, made.stderr
    with serving(place, programs) as port:
        owner = connect(port, "omero-plugin", "first")
        owner.cursor().execute("CREATE TABLE notes (text text)")
        owner.commit()
        owner.close()
        connect(port, "monitoring", "watching").close()
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            connect(port, "omero-plugin", "wrong")


def test_a_second_start_keeps_the_data_and_takes_the_new_password(
    place: Path, programs: Path, hosted: Run
) -> None:
    assert hosted("database", **variables(place, programs)).returncode == 0
    with serving(place, programs) as port:
        connection = connect(port, "omero-plugin", "first")
        connection.cursor().execute("CREATE TABLE notes (text text)")
        connection.commit()
        connection.close()
    again = hosted("database", **variables(place, programs, password="it's new"))
    assert again.returncode == 0, again.stderr
    with serving(place, programs) as port:
        connection = connect(port, "omero-plugin", "it's new")
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM notes")
        assert cursor.fetchone() == (0,)
        connection.close()


def test_a_folder_that_was_half_made_is_made_again(place: Path, programs: Path, hosted: Run) -> None:
    draft = place / "database/pgdata.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("9\n")
    for path in (place / "database", draft, draft / "PG_VERSION"):
        shutil.chown(path, place.owner())
    assert hosted("database", **variables(place, programs)).returncode == 0
    assert not draft.exists()


def test_a_folder_of_another_version_is_refused_with_what_to_do(
    place: Path, programs: Path, hosted: Run
) -> None:
    folder = place / "database/pgdata"
    folder.mkdir(parents=True)
    (folder / "PG_VERSION").write_text("9\n")
    refused = hosted("database", **variables(place, programs))
    assert refused.returncode == 1
    assert "was made by PostgreSQL 9" in refused.stderr
    assert "pg_upgrade" in refused.stderr


def test_all_missing_variables_are_named_at_once(hosted: Run) -> None:
    refused = hosted("database")
    assert "POSTGRESQL_PROGRAMS, PGDATA, DATABASE_NAME, DATABASE_USER" in refused.stderr


def test_only_named_networks_may_connect_and_always_with_a_password() -> None:
    rules = host_rules(["10.0.0.11", "10.1.0.0/16"]).splitlines()[1:]
    assert all(line.endswith("scram-sha-256") for line in rules)
    assert [line.split()[3] for line in rules[1:]] == [
        "127.0.0.1/32",
        "::1/128",
        "10.0.0.11/32",
        "10.1.0.0/16",
    ]
    with pytest.raises(PlatformError, match=r"example.org is not an address"):
        host_rules(["example.org"])


def test_quotes_in_names_and_passwords_stay_inside() -> None:
    assert quoted('a"b') == '"a""b"'
    assert literal("it's") == "'it''s'"
    with pytest.raises(PlatformError, match="line break"):
        literal("two\nlines")


def test_a_backup_is_made_tried_and_forgotten_in_time(place: Path, programs: Path, hosted: Run) -> None:
    assert hosted("database", **variables(place, programs)).returncode == 0
    backups, notes = place / "backups", place / "care"
    for folder in (backups, notes, backups / "2020-01-01T000000Z"):
        folder.mkdir()
        shutil.chown(folder, place.owner())
    with serving(place, programs) as port:
        connection = connect(port, "omero-plugin", "first")
        connection.cursor().execute("CREATE TABLE notes AS SELECT 'kept' AS text")
        connection.commit()
        connection.close()
        address = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "NAME": "omero-plugin",
            "USER": "omero-plugin",
            "PASS": "first",
        }
        told = {
            **{
                f"{prefix}_{part}": value
                for prefix in ("OMERO_DB", "PLUGIN_DB")
                for part, value in address.items()
            },
            "POSTGRESQL_PROGRAMS": str(programs),
            "OMERO_BACKUP_DIR": str(backups),
            "OMERO_BACKUP_KEEP": "7",
            "OMERO_CARE_METRICS_DIR": str(notes),
        }
        made = hosted("care", "backup", **told)
        assert made.returncode == 0, made.stderr
        newest = next(iter(backups.iterdir()))
        assert sorted(path.name for path in newest.iterdir()) == ["database.dump", "database_plugin.dump"]
        assert "2020-01-01T000000Z" not in {path.name for path in backups.iterdir()}
        tried = hosted("care", "verify", **told)
        assert tried.returncode == 0, tried.stderr
        assert 'omero_care_last_run_ok{task="verify"} 1.0' in (notes / "omero_care.prom").read_text()
        (newest / "database.dump").write_bytes(b"damaged")
        refused = hosted("care", "verify", **told)
    assert refused.returncode == 1
    assert "database.dump could not be restored: pg_restore: error" in refused.stderr
    assert 'omero_care_last_run_ok{task="verify"} 0.0' in (notes / "omero_care.prom").read_text()
