"""`django-admin rotate_secrets`: a new key for stored secrets."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from omero_plugin_common.config import database_settings
from omero_plugin_common.secrets.keyring import SecretsError
from omero_plugin_common.secrets.rotate import rotate


class Command(BaseCommand):
    """Rotate the key that encrypts stored secrets."""

    help = "Make a new key, encrypt every stored secret with it; readers go on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--drop-old",
            action="store_true",
            help="also forget older keys that no stored value needs any more",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path = database_settings().secret_keys_file
        try:
            done = rotate(path, drop_old=options["drop_old"])
        except SecretsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{path}: new key in use; {done.rewritten} secrets encrypted again, {done.keys_kept} keys kept, "
            f"{done.keys_dropped} older keys dropped."
        )
