"""`django-admin migrate_plugins`: bring the plugin database up to date."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from omero_plugin_common.database.migrate import migrate_plugin_database


class Command(BaseCommand):
    """Apply the plugins' migrations."""

    help = "Bring the plugin database up to date; several callers wait for each other."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", action="store_true", help="only show what would be done")

    def handle(self, *_args: Any, **options: Any) -> None:
        migrate_plugin_database(self.stdout, plan=options["plan"])  # type: ignore[arg-type]
