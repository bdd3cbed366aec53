"""Secrets at rest in a real database: what a thief sees, and replacing the key under load."""

from __future__ import annotations

import subprocess
import threading

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connections

from omero_plugin_common.database.owned import Owner
from omero_plugin_common.secrets.keyring import Keyring, SecretsError, keyring, read_keys
from omero_plugin_common.secrets.rotate import drop_old_keys, rotate
from omero_plugin_common.testing.example_plugin.models import Credential
from omero_plugin_common.testing.servers import postgresql_program

ALICE = Owner(2, "alice")
SECRET = "sk-alices-very-secret-key"


@pytest.fixture
def keys(plugin_database):
    before = plugin_database.keys_file.read_bytes()
    yield plugin_database.keys_file
    plugin_database.keys_file.write_bytes(before)


def store(count=1):
    for number in range(count):
        Credential.objects.create(
            owner_id=2, username="alice", provider=f"provider {number}", api_key=f"{SECRET}-{number}"
        )


def stored_values():
    with connections["plugins"].cursor() as cursor:
        cursor.execute("SELECT api_key FROM example_ai_credentials ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_a_stolen_dump_alone_reveals_no_key(keys, plugin_database):
    store()
    server = plugin_database.postgres
    dump = subprocess.run(
        [
            postgresql_program("pg_dump"),
            "-h",
            "127.0.0.1",
            "-p",
            str(server.port),
            "-U",
            server.user,
            server.name,
        ],
        env={"PGPASSWORD": server.password},
        capture_output=True,
        check=True,
    ).stdout
    assert b"example_ai_credentials" in dump
    assert b"provider 0" in dump
    assert SECRET.encode() not in dump
    assert read_keys(keys)[0] not in dump
    assert Credential.objects.get().api_key == f"{SECRET}-0"


def test_rotation_encrypts_again_while_readers_and_writers_run(keys):
    store(120)
    over = threading.Event()
    failures = []
    reads = []

    def read():
        try:
            while not over.is_set():
                found = [credential.api_key for credential in Credential.objects.order_by("id")[:120]]
                reads.append(len(found))
                if found != [f"{SECRET}-{number}" for number in range(120)]:
                    failures.append(found)
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)
        finally:
            connections["plugins"].close()

    def write():
        number = 1000
        try:
            while not over.is_set():
                number += 1
                Credential.objects.create(
                    owner_id=3, username="bob", provider=str(number), api_key=f"bob-{number}"
                )
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)
        finally:
            connections["plugins"].close()

    threads = [threading.Thread(target=read) for _ in range(3)] + [threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    rotations = [rotate(keys) for _ in range(3)]
    over.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(reads) > 3
    assert all(rotation.rewritten >= 120 for rotation in rotations)
    rotate(keys)
    ring = Keyring(keys)
    assert all(ring.is_current(value) for value in stored_values())
    assert all(c.api_key == f"bob-{c.provider}" for c in Credential.objects.filter(owner_id=3))


def test_old_keys_are_dropped_only_when_nothing_needs_them(keys):
    store(3)
    old = read_keys(keys)[0]
    Keyring(keys)
    done = rotate(keys, drop_old=True)
    assert (done.rewritten, done.keys_dropped, done.keys_kept) == (3, 1, 1)
    assert old not in read_keys(keys)
    assert Credential.objects.first().api_key == f"{SECRET}-0"
    late = "omp1:" + Fernet(read_keys(keys)[0]).encrypt(b"late").decode()
    from omero_plugin_common.secrets.keyring import write_keys

    write_keys(keys, [Fernet.generate_key(), *read_keys(keys)])
    Credential.objects.all().delete()
    with connections["plugins"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO example_ai_credentials (username, owner_id, provider, api_key, created_at, updated_at) "
            "VALUES ('alice', 2, 'x', %s, now(), now())",
            [late],
        )
    assert drop_old_keys(keys) == 0
    assert Credential.objects.get().api_key == "late"


def test_the_command_makes_a_first_key_and_says_what_it_did(keys, capsys):
    keys.unlink()
    call_command("rotate_secrets")
    assert "new key in use" in capsys.readouterr().out
    assert keys.stat().st_mode & 0o777 == 0o600


def test_a_lost_key_is_explained(keys):
    store()
    keys.write_bytes(Fernet.generate_key() + b"\n")
    with pytest.raises(SecretsError, match="Put the older key back"):
        Credential.objects.get()


def test_without_a_key_file_the_message_says_how_to_make_one(keys):
    keys.unlink()
    with pytest.raises(SecretsError, match="omero-platform secrets rotate"):
        keyring().encrypt("x")


def test_secrets_cannot_be_searched(keys):
    with pytest.raises(TypeError, match="encrypted"):
        Credential.objects.filter(api_key=SECRET).exists()
