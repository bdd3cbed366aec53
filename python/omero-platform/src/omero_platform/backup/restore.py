"""Restoring a backup: everything is built and compared beside the stack, then put in its place by renaming.

What was there before is set aside, never deleted.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from omero_platform.backup.dump import fingerprint_of, restore_dump, temporary_server
from omero_platform.backup.fingerprint import differences
from omero_platform.backup.manifest import DamagedBackupError, read_files
from omero_platform.backup.objects import ObjectStore
from omero_platform.backup.verify import refuse_damaged
from omero_platform.errors import PlatformError
from omero_platform.instance import MARKER, write_atomically
from omero_platform.maintenance.databases import databases_of
from omero_platform.processes import stack_processes
from omero_platform.services import postgresql
from omero_platform.supervisor import Supervisor

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from omero_platform.backup.manifest import Manifest
    from omero_platform.instance import Instance

STAGING = "restoring"
JOURNAL = "restore.journal"
ASIDE = "before-restore-%Y-%m-%dT%H%M%SZ"


def refuse_running(instance: Instance) -> None:
    """Raise PlatformError while the stack runs."""
    if Supervisor(instance).answers() or stack_processes(instance.data):
        raise PlatformError(
            f"The stack in {instance.data} is running.",
            "Stop it first: ./omero-platform down. Nothing was changed.",
        )


def present_parts(instance: Instance, manifest: Manifest) -> list[str]:
    """What a restore would take the place of; the marker of an otherwise empty folder does not count."""
    names = [*manifest.databases, *manifest.folders]
    return [name for name in names if name != MARKER and (instance.data / name).exists()]


def restore_backup(instance: Instance, backup: Path, now: datetime, *, replace_present: bool) -> Path | None:
    """Bring a stack back to a backup; returns where its earlier state was set aside.

    Raises DamagedBackupError for a damaged backup and PlatformError when a state is there that must not be replaced; in
    both cases nothing has changed.
    """
    finish_interrupted(instance)
    refuse_running(instance)
    manifest = refuse_damaged(backup)
    present = present_parts(instance, manifest)
    if present and not replace_present:
        raise PlatformError(
            f"{instance.data} holds a stack already ({', '.join(present)}).",
            "Say --yes to set it aside and restore, or choose another folder with --data. Nothing was changed.",
        )
    staging = instance.data / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700, parents=True)
    build(replace(instance, data=staging), backup, manifest)
    os.sync()  # the databases were filled without syncing
    aside = instance.data / now.strftime(ASIDE) if present else None
    journal = {
        "aside": aside.name if aside else None,
        "parts": [name for name in (*manifest.databases, *manifest.folders) if name != MARKER],
    }
    write_atomically(instance.data / JOURNAL, json.dumps(journal, indent=2) + "\n")
    finish_interrupted(instance)
    return aside


def build(staging: Instance, backup: Path, manifest: Manifest) -> None:
    """Make the state of a backup in a folder of its own, and compare the databases with what was dumped."""
    store = ObjectStore(backup.parent / "objects")
    for file in read_files(backup):
        store.restore(file, staging.data / file.path)
    for name in manifest.folders:
        if not (staging.data / name).exists():
            (staging.data / name).mkdir(mode=0o750)  # an empty folder has no files to make it
    if (staging.data / "secrets").exists():
        (staging.data / "secrets").chmod(0o700)
    for address in databases_of(staging):
        entry = manifest.databases[address.service]
        postgresql.prepare(staging, address.service)
        programs = postgresql.programs_for(staging, address.service)
        with temporary_server(programs, postgresql.pgdata(staging, address.service)) as sockets:
            scratch = replace(address, host=str(sockets), port=5432)
            restore_dump(backup / entry.file, scratch, programs)
            found = differences(entry.tables, fingerprint_of(scratch))
        if found:
            raise DamagedBackupError(f"{address.service} is not what was backed up: {'; '.join(found[:20])}.")


def finish_interrupted(instance: Instance) -> bool:
    """Put a completely built state in its place, also when that was interrupted before; returns whether there was one.

    Each step can be repeated: a part that is no longer in the staging folder has been moved already.
    """
    path = instance.data / JOURNAL
    if not path.exists():
        return False
    journal = json.loads(path.read_text(encoding="utf-8"))
    staging = instance.data / STAGING
    aside = instance.data / journal["aside"] if journal["aside"] else None
    if aside:
        aside.mkdir(mode=0o700, exist_ok=True)
    for name in journal["parts"]:
        built, place = staging / name, instance.data / name
        if not built.exists():
            continue
        if place.exists() and aside:
            place.rename(aside / name)
        built.rename(place)
    path.unlink()
    shutil.rmtree(staging, ignore_errors=True)
    return True
