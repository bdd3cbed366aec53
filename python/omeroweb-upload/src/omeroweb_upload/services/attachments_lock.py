"""One attachment of a kind at a time, whichever process makes it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connections

from omero_plugin_common.database.alias import ALIAS

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def one_at_a_time(key: str) -> Iterator[None]:
    """Hold a lock of the plugin database, so that two jobs don't both find that something isn't there yet.

    The lock goes with the connection, so a killed process leaves none.
    """
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
