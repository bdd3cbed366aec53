"""`backup`: save everything that cannot be made anew, while the stack runs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.backup.make import backups_in, make_backup, prune
from omero_platform.backup.manifest import DamagedBackupError, read_manifest
from omero_platform.backup.source import source_from_environment, source_of
from omero_platform.errors import PlatformError
from omero_platform.instance import existing_instance, source_root
from omero_platform.maintenance.heartbeat import heartbeat_folder, note_run
from omero_platform.stack import load_stack
from omero_platform.terminal import console

if TYPE_CHECKING:
    import argparse

    from omero_platform.backup.source import Source
    from omero_platform.instance import Instance

HELP = "Save both databases, images, secrets and configuration; old backups are deleted as stack.toml says."
AS_OWNER = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `backup`."""
    parser.add_argument("--to", metavar="FOLDER", help="where backups are kept (the data folder's backups/)")
    parser.add_argument("--list", action="store_true", help="make none, show those that there are")
    parser.add_argument("--keep-all", action="store_true", help="delete no earlier backup")
    parser.add_argument(
        "--from-environment",
        action="store_true",
        help="databases from OMERO_DB_… and PLUGIN_DB_… variables, as in an image or on NixOS",
    )
    parser.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="with --from-environment: a folder to back up, such as omeroserver=/OMERO",
    )
    parser.add_argument(
        "--heartbeats", metavar="FOLDER", help="where to note when it ran, for the node exporter"
    )
    parser.add_argument("--scheduled", action="store_true", help="say only what was done, for a log")


def run(options: argparse.Namespace) -> int:
    """Make a backup, or list them."""
    instance = None if options.from_environment else existing_instance(options.data, options.port_offset)
    folder = backup_folder(instance, options.to)
    if options.list:
        return show(folder)
    heartbeats = Path(options.heartbeats) if options.heartbeats else instance and heartbeat_folder(instance)
    began = time.time()
    try:
        source = source_of(instance) if instance else source_from_environment(options.include)
        made = make(source, folder, keep_all=options.keep_all)
    except PlatformError as error:
        if heartbeats:
            note_run(heartbeats, "backup", began, time.time(), ok=False, detail=str(error))
        raise
    if heartbeats:
        note_run(heartbeats, "backup", began, time.time(), ok=True, detail=str(made))
    return 0


def backup_folder(instance: Instance | None, chosen: str | None) -> Path:
    """Where backups are kept; raises PlatformError when nobody said."""
    if chosen:
        return Path(chosen).expanduser().absolute()
    if instance is None:
        raise PlatformError("Where should the backup go?", "Name a folder with --to.")
    return instance.data / "backups"


def make(source: Source, folder: Path, *, keep_all: bool) -> Path:
    """Make one, say what is in it, and delete those whose time has come."""
    began = time.monotonic()
    made = make_backup(source, folder, datetime.now(UTC))
    manifest = read_manifest(made)
    rows = sum(table.rows for entry in manifest.databases.values() for table in entry.tables.values())
    console.print(
        f"{made}: {len(manifest.databases)} databases with {rows} rows, {manifest.files} files "
        f"({manifest.file_bytes / 2**20:.0f} MiB), in {time.monotonic() - began:.1f} s.",
        soft_wrap=True,
    )
    console.print("It holds the secrets too: keep it as closed as they are.")
    for gone in [] if keep_all else prune(folder, load_stack(source_root() / "stack.toml").backup.keep):
        console.print(f"Deleted {gone.name}: newer ones are enough.")
    return made


def show(folder: Path) -> int:
    """List the backups, newest last."""
    found = backups_in(folder)
    for path in found.values():
        try:
            manifest = read_manifest(path)
            text = f"{manifest.files} files, {manifest.file_bytes / 2**20:.0f} MiB"
        except DamagedBackupError as error:
            text = f"[bold red]damaged[/]: {error}"
        console.print(f"{path.name}  {text}", soft_wrap=True)
    if not found:
        console.print(f"There are no backups in {folder} yet.")
    return 0


def chosen_backup(folder: Path, name: str | None) -> Path:
    """The backup that a command means: by its path, by its name, or the newest; raises PlatformError for none."""
    found = backups_in(folder)
    if name is None:
        if not found:
            raise PlatformError(f"There are no backups in {folder}.", "Make one: ./omero-platform backup")
        return found[max(found)]
    for candidate in (folder / name, Path(name).expanduser().absolute()):
        if candidate.is_dir():
            return candidate
    raise PlatformError(
        f"There is no backup {name}.",
        f"There are: {', '.join(path.name for path in found.values()) or 'none'}.",
    )
