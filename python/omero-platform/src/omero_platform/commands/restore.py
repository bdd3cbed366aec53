"""`restore`: bring the stack back to a backup; what was there before is set aside."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from omero_platform.account import is_root
from omero_platform.backup.elsewhere import restore_into
from omero_platform.backup.make import only_one_backup
from omero_platform.backup.manifest import read_manifest
from omero_platform.backup.restore import (
    finish_interrupted,
    present_parts,
    refuse_running,
    restore_backup,
)
from omero_platform.backup.source import source_from_environment
from omero_platform.commands.backup import backup_folder, chosen_backup
from omero_platform.commands.up import continue_unprivileged
from omero_platform.instance import find_instance
from omero_platform.startup import make_folders
from omero_platform.terminal import console

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from omero_platform.instance import Instance

HELP = "Bring the stack back to a backup; its present state is set aside, not deleted."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `restore`."""
    parser.add_argument("backup", nargs="?", help="its name or path (the newest)")
    parser.add_argument("--to", metavar="FOLDER", help="where backups are kept (the data folder's backups/)")
    parser.add_argument("--yes", action="store_true", help="set the present state aside without asking")
    parser.add_argument(
        "--from-environment",
        action="store_true",
        help="into empty databases from OMERO_DB_… and PLUGIN_DB_… variables, as in an image or on NixOS",
    )
    parser.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="with --from-environment: the empty folder for a folder of the backup, such as omeroserver=/OMERO",
    )


def run(options: argparse.Namespace) -> int:
    """Restore."""
    if options.from_environment:
        return restore_elsewhere(options)
    instance, _exists = find_instance(options.data, options.port_offset)
    refuse_running(instance)
    if is_root():
        continue_unprivileged(instance, options.words)
    if finish_interrupted(instance):
        console.print("A restore that was interrupted has been completed.")
    backup = chosen_backup(backup_folder(instance, options.to), options.backup)
    make_folders(instance)
    began = time.monotonic()
    confirmed = options.yes or confirm(instance, backup)
    aside = restore_backup(instance, backup, datetime.now(UTC), replace_present=confirmed)
    console.print(
        f"[bold green]✓[/] Restored {backup.name} into {instance.data} in {time.monotonic() - began:.1f} s.",
        soft_wrap=True,
    )
    if aside:
        console.print(f"What was there before is in {aside}; delete it when all is well.", soft_wrap=True)
    console.print("Start the stack: ./omero-platform up")
    return 0


def restore_elsewhere(options: argparse.Namespace) -> int:
    """Restore into empty databases and folders; nothing that is there is replaced, so nothing is asked."""
    backup = chosen_backup(backup_folder(None, options.to), options.backup)
    began = time.monotonic()
    with only_one_backup(backup.parent):
        done = restore_into(source_from_environment(options.include, must_exist=False), backup)
    for service in done.present:
        console.print(f"{service} was restored already.")
    console.print(
        f"[bold green]✓[/] Restored {backup.name}: {len(done.databases)} databases and {done.files} files "
        f"in {time.monotonic() - began:.1f} s. Start OMERO again.",
        soft_wrap=True,
    )
    return 0


def confirm(instance: Instance, backup: Path) -> bool:
    """Ask before a present state is set aside; nobody to ask means no."""
    present = present_parts(instance, read_manifest(backup))
    if not present or not sys.stdin.isatty():
        return False
    console.print(
        f"{instance.data} holds a stack ({', '.join(present)}). It will be set aside, and {backup} restored."
    )
    return console.input("Type yes to go on: ").strip() == "yes"
