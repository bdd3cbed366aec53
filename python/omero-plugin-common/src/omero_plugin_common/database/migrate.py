"""Bringing the plugin database up to date, one process at a time."""

from __future__ import annotations

from typing import TextIO

from django.apps import apps
from django.core.management import call_command
from django.db import connections

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.database.router import lives_in_plugin_database

ADVISORY_LOCK = 0x0E06_0001


def migrated_apps() -> list[str]:
    """Return the plugins that have tables, this library first."""
    labels = [
        config.label
        for config in apps.get_app_configs()
        if lives_in_plugin_database(config.label) and config.models_module is not None
    ]
    return sorted(labels, key=lambda label: (label != "omero_plugin_common", label))


def migrate_plugin_database(stdout: TextIO | None = None, *, plan: bool = False) -> None:
    """Apply what is missing; several callers at once wait for each other."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            for label in migrated_apps():
                call_command("migrate", label, database=ALIAS, interactive=False, plan=plan, stdout=stdout)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
            cursor.execute("RESET statement_timeout")
