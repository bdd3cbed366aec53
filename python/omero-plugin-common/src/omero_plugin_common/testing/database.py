"""Emptying the plugin database between tests."""

from __future__ import annotations

from django.apps import apps
from django.db import OperationalError, connections

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.database.router import lives_in_plugin_database

MOST_DEADLOCKS = 10


def empty_plugin_database() -> None:
    """Delete every row of every plugin's tables."""
    connection = connections[ALIAS]
    tables = [
        connection.ops.quote_name(model._meta.db_table)
        for model in apps.get_models()
        if lives_in_plugin_database(model._meta.app_label)
    ]
    statement = f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"
    for attempt in range(MOST_DEADLOCKS + 1):
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except OperationalError as error:
            # OMERO.web or a worker of the test still holds a lock that it took in another order.
            if attempt == MOST_DEADLOCKS or "deadlock" not in str(error):
                raise
        else:
            return
