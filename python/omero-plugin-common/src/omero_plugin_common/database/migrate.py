"""Bringing the plugin database up to date, one process at a time."""

from __future__ import annotations

from typing import TextIO

from django.core.management import call_command
from django.db import connections

from omero_plugin_common.database.alias import ALIAS

ADVISORY_LOCK = 0x0E06_0001


def migrate_plugin_database(stdout: TextIO | None = None, *, plan: bool = False) -> None:
    """Apply what is missing; several callers at once wait for each other."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            call_command("migrate", database=ALIAS, interactive=False, plan=plan, stdout=stdout)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
            cursor.execute("RESET statement_timeout")
