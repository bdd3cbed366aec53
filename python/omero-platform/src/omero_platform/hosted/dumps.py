"""Backups of both databases as pg_dump's archives, and the proof that the newest can be restored."""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

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
            call(
                [Path(programs, "pg_dump"), "--format=custom", f"--file={draft / address.service}.dump"],
                address.environment(),
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
    """Restore the newest backup into a PostgreSQL of its own, and compare tables with what the archive lists."""
    programs, location = required(environ, "POSTGRESQL_PROGRAMS", "OMERO_BACKUP_DIR")
    found = folders(Path(location))
    if not found:
        raise PlatformError(f"There is no backup in {location}.", "Make one: systemctl start omero-backup")
    with tempfile.TemporaryDirectory(prefix="omero-verify-") as scratch:
        server = start_scratch(Path(programs), Path(scratch))
        try:
            counted = [
                restore(Path(programs), Path(scratch), found[-1], address)
                for address in databases_from(environ)
            ]
        finally:
            server.terminate()
            server.wait()
    return f"verified={found[-1].name} tables={sum(counted)}"


def start_scratch(programs: Path, folder: Path) -> subprocess.Popen[bytes]:
    """A server on a socket in its folder only, once it answers."""
    data = folder / "pgdata"
    call(
        [programs / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync"], {}
    )
    options = {"listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off"}
    command = [str(programs / "postgres"), "-D", str(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    deadline = time.monotonic() + 60
    ready = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
    while subprocess.run(ready, check=False).returncode:  # noqa: S603
        if time.monotonic() > deadline or server.poll() is not None:
            server.kill()
            raise PlatformError("A scratch PostgreSQL for trying the backup did not start.")
        time.sleep(0.2)
    return server


def restore(programs: Path, folder: Path, backup: Path, address: DatabaseAddress) -> int:
    """Restore one archive; returns how many tables it has. Raises PlatformError when one is missing."""
    archive = backup / f"{address.service}.dump"
    where = {"PGHOST": str(folder), "PGUSER": "postgres"}
    call([programs / "createdb", "--template=template0", address.service], where)
    call(
        [
            programs / "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            f"--dbname={address.service}",
            archive,
        ],
        where,
    )
    listed = call([programs / "pg_restore", "--list", archive], where).count(" TABLE DATA ")
    query = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    present = int(call([programs / "psql", "-AtX", "-d", address.service, "-c", query], where))
    if present < listed:
        raise PlatformError(
            f"{archive} restored {present} of {listed} tables.", "Make a new backup, and keep this one."
        )
    return present


def call(command: Sequence[str | Path], environ: Mapping[str, str]) -> str:
    """Run one of PostgreSQL's programs and return its output; raises PlatformError with its complaint."""
    result = subprocess.run(  # noqa: S603
        list(map(str, command)),
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise PlatformError(f"{Path(command[0]).name} failed: {result.stderr.strip()[-500:]}")
    return result.stdout
