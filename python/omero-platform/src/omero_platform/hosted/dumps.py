"""Backups of both databases as pg_dump's archives, and the proof that the newest can be restored."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.backup.dump import fingerprint_of, restore_dump, run_program, scratch_databases
from omero_platform.errors import PlatformError
from omero_platform.hosted.environment import required
from omero_platform.maintenance.databases import databases_from
from omero_platform.maintenance.heartbeat import note_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omero_platform.maintenance.databases import DatabaseAddress

log = logging.getLogger(__name__)

STAMP = "%Y-%m-%dT%H%M%SZ"


def run(environ: dict[str, str], words: Sequence[str]) -> None:
    """`backup` or `verify`; the outcome is noted for the node exporter, good or bad."""
    tasks = {"backup": backup, "verify": verify}
    if len(words) != 1 or words[0] not in tasks:
        raise PlatformError("Which task? backup or verify.")
    heartbeats = Path(required(environ, "OMERO_CARE_METRICS_DIR")[0])
    began = time.time()
    try:
        detail = tasks[words[0]](environ)
    except PlatformError as error:
        note_run(heartbeats, words[0], began, time.time(), ok=False, detail=str(error))
        raise
    note_run(heartbeats, words[0], began, time.time(), ok=True, detail=detail)
    log.info("task=%s %s", words[0], detail)


def backup(environ: Mapping[str, str]) -> str:
    """Dump both databases into a new folder, which appears only when it is complete; then forget old ones."""
    programs, location, keep = required(
        environ, "POSTGRESQL_PROGRAMS", "OMERO_BACKUP_DIR", "OMERO_BACKUP_KEEP"
    )
    name = dt.datetime.now(dt.UTC).strftime(STAMP)
    draft = Path(location, f".{name}")
    draft.mkdir(mode=0o700)
    try:
        for address in databases_from(environ):
            run_program(
                [f"{programs}/pg_dump", "--format=custom", f"--file={draft / address.service}.dump"],
                address,
                f"{address.service} could not be dumped",
            )
    except PlatformError:
        shutil.rmtree(draft)
        raise
    draft.rename(Path(location, name))
    for old in outdated(folders(Path(location)), int(keep)):
        shutil.rmtree(old)
    return f"made={name}"


def folders(location: Path) -> list[Path]:
    """Complete backups, oldest first."""
    return sorted(path for path in location.iterdir() if path.is_dir() and not path.name.startswith("."))


def outdated(backups: Sequence[Path], keep_days: int) -> list[Path]:
    """Backups older than so many days; the newest always stays."""
    limit = dt.datetime.now(dt.UTC) - dt.timedelta(days=keep_days)
    return [path for path in backups[:-1] if made_at(path) < limit]


def made_at(path: Path) -> dt.datetime:
    """When a backup was made, from its name."""
    return dt.datetime.strptime(path.name, STAMP).replace(tzinfo=dt.UTC)


def verify(environ: Mapping[str, str]) -> str:
    """Restore the newest backup into a PostgreSQL of its own, and compare tables with what the archives list."""
    programs, location = (
        Path(value) for value in required(environ, "POSTGRESQL_PROGRAMS", "OMERO_BACKUP_DIR")
    )
    found = folders(location)
    if not found:
        raise PlatformError(f"There is no backup in {location}.", "Make one: systemctl start omero-backup")
    names = [address.service for address in databases_from(environ)]
    with (
        tempfile.TemporaryDirectory(prefix="omero-verify-") as folder,
        scratch_databases(programs, names, Path(folder)) as scratch,
    ):
        counted = [
            restore(programs, found[-1] / f"{name}.dump", address) for name, address in scratch.items()
        ]
    return f"verified={found[-1].name} tables={sum(counted)}"


def restore(programs: Path, archive: Path, scratch: DatabaseAddress) -> int:
    """Restore one archive; returns how many tables it has. Raises PlatformError when one is missing."""
    restore_dump(archive, scratch, programs)
    listing = run_program(
        [str(programs / "pg_restore"), "--list", str(archive)], scratch, f"{archive} could not be listed"
    )
    listed = listing.count(" TABLE DATA ")
    present = len(fingerprint_of(scratch))
    if present < listed:
        raise PlatformError(
            f"{archive} restored {present} of {listed} tables.", "Make a new backup, and keep this one."
        )
    return present
