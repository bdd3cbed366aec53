"""Replacing the key that encrypts stored secrets while readers and writers go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connections, transaction

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.secrets.field import EncryptedTextField
from omero_plugin_common.secrets.keyring import Keyring, read_keys, write_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BATCH_ROWS = 200


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """One column with secrets: table, primary key, column."""

    table: str
    key: str
    column: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did."""

    rewritten: int
    keys_kept: int
    keys_dropped: int


def encrypted_columns() -> list[EncryptedColumn]:
    """Return every encrypted column of every installed plugin."""
    return [
        EncryptedColumn(model._meta.db_table, str(model._meta.pk.column), str(field.column))
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, EncryptedTextField)
    ]


def rotate(path: Path, *, drop_old: bool = False) -> Rotation:
    """Put a new key first, re-encrypt every stored secret with it, and optionally forget the older keys.

    Makes the file when there is none. Readers notice the new file by themselves. A process that picked the
    old key an instant before may still store one more value with it, so passes repeat until one finds nothing,
    and `drop_old` (better as a second run, later) keeps the old keys while any value still needs them.
    """
    keys = read_keys(path) if path.exists() else []
    write_keys(path, [Fernet.generate_key(), *keys])
    rewritten = rewrite_all(path)
    dropped = drop_old_keys(path) if drop_old else 0
    return Rotation(rewritten, len(read_keys(path)), dropped)


def rewrite_all(path: Path) -> int:
    """Re-encrypt until a full pass finds nothing old; returns how many values were rewritten."""
    ring = Keyring(path)
    total = 0
    while True:
        done = sum(_rewrite_column(ring, column) for column in encrypted_columns())
        total += done
        if not done:
            return total


def drop_old_keys(path: Path) -> int:
    """Forget all but the newest key once no stored value needs another; returns how many were dropped."""
    ring = Keyring(path)
    if any(not ring.is_current(stored) for column in encrypted_columns() for _, stored in _values(column)):
        return 0
    keys = read_keys(path)
    write_keys(path, keys[:1])
    return len(keys) - 1


def _rewrite_column(ring: Keyring, column: EncryptedColumn) -> int:
    old = [row_id for row_id, stored in _values(column) if not ring.is_current(stored)]
    for start in range(0, len(old), BATCH_ROWS):
        _rewrite_rows(ring, column, old[start : start + BATCH_ROWS])
    return len(old)


def _rewrite_rows(ring: Keyring, column: EncryptedColumn, row_ids: list[int]) -> None:
    connection = connections[ALIAS]
    table, key, name = (connection.ops.quote_name(part) for part in (column.table, column.key, column.column))
    with transaction.atomic(using=ALIAS), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {name} FROM {table} WHERE {key} = ANY(%s) FOR UPDATE",  # noqa: S608 - names from models
            [row_ids],
        )
        for row_id, stored in cursor.fetchall():
            if stored is not None and not ring.is_current(stored):
                cursor.execute(
                    f"UPDATE {table} SET {name} = %s WHERE {key} = %s",  # noqa: S608
                    [ring.encrypt(ring.decrypt(stored)), row_id],
                )


def _values(column: EncryptedColumn) -> Iterator[tuple[int, str]]:
    connection = connections[ALIAS]
    table, key, name = (connection.ops.quote_name(part) for part in (column.table, column.key, column.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {name} FROM {table} WHERE {name} IS NOT NULL ORDER BY {key}"  # noqa: S608
        )
        yield from cursor.fetchall()
