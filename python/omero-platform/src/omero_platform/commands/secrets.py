"""`secrets rotate`: a new key for the secrets that users entrust to the plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.instance import existing_instance
from omero_platform.services.omeroweb import run_django
from omero_platform.terminal import console, escape

if TYPE_CHECKING:
    import argparse

HELP = "Encrypt the plugins' stored secrets with a new key, while everything runs: `secrets rotate`."
AS_OWNER = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with the secrets."""
    parser.add_argument("action", choices=["rotate"], help="make a new key and use it for all stored secrets")
    parser.add_argument(
        "--drop-old", action="store_true", help="forget older keys that nothing needs any more"
    )


def run(options: argparse.Namespace) -> int:
    """Rotate the key."""
    instance = existing_instance(options.data, options.port_offset)
    said = run_django(instance, "rotate_secrets", *(["--drop-old"] if options.drop_old else []))
    console.print(escape(said.strip()))
    return 0
