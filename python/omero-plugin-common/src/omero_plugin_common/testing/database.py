"""Emptying the plugin database between tests."""

from __future__ import annotations

from django.apps import apps
from django.db import connections

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.database.router import lives_in_plugin_database


def empty_plugin_database() -> None:
    """Delete every row of every plugin's tables."""
    connection = connections[ALIAS]
    tables = [
        connection.ops.quote_name(model._meta.db_table)
        for model in apps.get_models()
        if lives_in_plugin_database(model._meta.app_label)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
