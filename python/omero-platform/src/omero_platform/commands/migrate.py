"""`migrate`: bring the plugin database to the layout of this version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.instance import existing_instance
from omero_platform.services.omeroweb import run_django
from omero_platform.terminal import console, escape

if TYPE_CHECKING:
    import argparse

HELP = "Bring the plugin database up to date (`up` does it too); --plan only tells what would be done."
AS_OWNER = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `migrate`."""
    parser.add_argument("--plan", action="store_true", help="change nothing, tell what would be done")


def run(options: argparse.Namespace) -> int:
    """Migrate, or tell what that would be."""
    instance = existing_instance(options.data, options.port_offset)
    said = run_django(instance, "migrate_plugins", *(["--plan"] if options.plan else []))
    console.print(escape(said.strip()) or "The plugin database is up to date.")
    return 0
