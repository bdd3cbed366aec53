"""`verify`: restore a backup into scratch and compare it with what was backed up."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.backup.make import only_one_backup
from omero_platform.backup.verify import verify_backup
from omero_platform.commands.backup import backup_folder, chosen_backup
from omero_platform.errors import PlatformError
from omero_platform.instance import existing_instance
from omero_platform.maintenance.heartbeat import heartbeat_folder, note_run
from omero_platform.services.postgresql import installed_versions
from omero_platform.terminal import console

if TYPE_CHECKING:
    import argparse

HELP = "Try a backup: check every file, restore the databases into scratch and compare."
AS_OWNER = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `verify`."""
    parser.add_argument("backup", nargs="?", help="its name or path (the newest)")
    parser.add_argument("--to", metavar="FOLDER", help="where backups are kept (the data folder's backups/)")
    parser.add_argument(
        "--from-environment",
        action="store_true",
        help="for backups that are not those of a stack on this machine",
    )
    parser.add_argument(
        "--heartbeats", metavar="FOLDER", help="where to note when it ran, for the node exporter"
    )
    parser.add_argument("--scheduled", action="store_true", help="say only what was done, for a log")


def run(options: argparse.Namespace) -> int:
    """Try one backup; raises DamagedBackupError, so that the exit code is 1, when it is not what it was."""
    instance = None if options.from_environment else existing_instance(options.data, options.port_offset)
    heartbeats = Path(options.heartbeats) if options.heartbeats else instance and heartbeat_folder(instance)
    began = time.time()
    try:
        backup = chosen_backup(backup_folder(instance, options.to), options.backup)
        with only_one_backup(backup.parent):
            manifest = verify_backup(backup, newest_programs())
    except PlatformError as error:
        if heartbeats:
            note_run(heartbeats, "verify", began, time.time(), ok=False, detail=str(error))
        raise
    if heartbeats:
        note_run(heartbeats, "verify", began, time.time(), ok=True, detail=str(backup))
    tables = sum(len(entry.tables) for entry in manifest.databases.values())
    console.print(
        f"[bold green]✓[/] {backup}: {manifest.files} files and {tables} tables are as they were backed up "
        f"({time.time() - began:.1f} s).",
        soft_wrap=True,
    )
    return 0


def newest_programs() -> Path:
    """PostgreSQL's programs to restore with; raises PlatformError when there are none."""
    versions = installed_versions()
    if not versions:
        raise PlatformError("PostgreSQL is not installed.", "Install the package postgresql.")
    return next(iter(versions.values()))
