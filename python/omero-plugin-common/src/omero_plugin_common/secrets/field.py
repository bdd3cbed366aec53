"""A text column whose values are encrypted in the database and clear in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from omero_plugin_common.secrets.keyring import PREFIX, keyring

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    TextColumn = models.TextField[str, str]
else:
    TextColumn = models.TextField


class EncryptedTextField(TextColumn):
    """Encrypts on the way in, decrypts on the way out; can't be searched by value."""

    description = "Text encrypted at rest"

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else keyring().encrypt(str(value))

    def from_db_value(
        self, value: str | None, _expression: Any, _connection: BaseDatabaseWrapper
    ) -> str | None:
        return None if value is None else keyring().decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise TypeError(
            f"{self.model.__name__}.{self.name} is encrypted and can't be searched with {lookup_name!r}"
        )


def encrypt_plain_rows(connection: BaseDatabaseWrapper, table: str, column: str) -> int:
    """Encrypt values that an older system left in clear text; returns how many."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {quote(column)} FROM {quote(table)} "  # noqa: S608 - names come from the model
            f"WHERE {quote(column)} NOT LIKE %s FOR UPDATE",
            [f"{PREFIX}%"],
        )
        rows = cursor.fetchall()
        for row_id, clear in rows:
            cursor.execute(
                f"UPDATE {quote(table)} SET {quote(column)} = %s WHERE id = %s",  # noqa: S608
                [keyring().encrypt(clear), row_id],
            )
    return len(rows)
