"""Dumping and restoring databases with PostgreSQL's own programs."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from omero_platform.backup.fingerprint import fingerprint
from omero_platform.backup.manifest import DumpEntry, sha256_of
from omero_platform.errors import PlatformError
from omero_platform.maintenance.databases import DatabaseAddress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omero_platform.backup.manifest import TablePrint

START_PATIENCE_SECONDS = 60
UNPRIVILEGED = ("omero-platform", "postgres", "nobody")


def dump_databases(
    databases: Sequence[DatabaseAddress], programs: Path, folder: Path
) -> dict[str, DumpEntry]:
    """Dump all databases as they are at the same moment, with fingerprints of that very state."""
    entries = {}
    with ExitStack() as open_connections:
        snapshots = [(address, *open_connections.enter_context(snapshot(address))) for address in databases]
        for address, cursor, name in snapshots:
            file = folder / f"{address.service}.dump"
            run_program(
                [
                    str(programs / "pg_dump"), "--format=custom", "--no-owner", "--no-acl", f"--snapshot={name}",
                    "--file", str(file),
                ],
                address,
                f"{address.service} could not be dumped",
            )  # fmt: skip
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            entries[address.service] = DumpEntry(
                file.name, sha256_of(file), file.stat().st_size, version, fingerprint(cursor)
            )
    return entries


@contextmanager
def snapshot(address: DatabaseAddress) -> Iterator[tuple[Any, str]]:
    """A transaction that sees one state, and the name by which pg_dump sees the same."""
    connection = address.connect()
    connection.autocommit = False
    connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor, cursor.fetchone()[0]
    finally:
        connection.close()


def restore_dump(dump: Path, address: DatabaseAddress, programs: Path) -> None:
    """Fill an empty database; all or nothing."""
    run_program(
        [
            str(programs / "pg_restore"), "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl",
            "--dbname", address.name, str(dump),
        ],
        address,
        f"{dump} could not be restored",
    )  # fmt: skip


def fingerprint_of(address: DatabaseAddress) -> dict[str, TablePrint]:
    """The fingerprint of a database as it is now."""
    with snapshot(address) as (cursor, _name):
        return fingerprint(cursor)


def run_program(command: list[str], address: DatabaseAddress, failure: str) -> str:
    """Run one of PostgreSQL's clients and return its output; raises PlatformError with what it said last."""
    result = subprocess.run(  # noqa: S603
        command,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **address.environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        said = " ".join(result.stderr.strip().splitlines()[-3:])
        raise PlatformError(f"{failure}: {said or f'exit code {result.returncode}'}")
    return result.stdout


def server_account() -> int | None:
    """The account that PostgreSQL's server runs as: this one, or for root one without rights, as PostgreSQL insists."""
    if os.geteuid():
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise PlatformError(
        "PostgreSQL refuses to run as root, and there is no other account for it.",
        "Run the command as the account that owns the backups.",
    )


def open_folder(prefix: str, parent: Path | None = None) -> Path:
    """A new folder that belongs to the server's account."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    account = server_account()
    if account is not None:
        os.chown(folder, account, -1)
    return folder


@contextmanager
def temporary_server(programs: Path, pgdata: Path) -> Iterator[Path]:
    """Run a PostgreSQL on a data folder, reachable only through a socket in the folder that is yielded."""
    sockets = open_folder("omero-pg-")
    log = pgdata.with_name("scratch.log")
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [
                str(programs / "postgres"), "-D", str(pgdata), "-c", "listen_addresses=", "-c", "port=5432",
                "-c", f"unix_socket_directories={sockets}", "-c", "fsync=off", "-c", "autovacuum=off",
            ],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, user=server_account(), cwd=sockets,
        )  # fmt: skip
    try:
        wait_until_accepting(process, programs, sockets, log)
        yield sockets
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.send_signal(2)  # a fast shutdown: PostgreSQL waits for its clients otherwise
            process.wait(60)
        shutil.rmtree(sockets, ignore_errors=True)
        log.unlink(missing_ok=True)


def wait_until_accepting(process: subprocess.Popen[bytes], programs: Path, sockets: Path, log: Path) -> None:
    """Wait until the server accepts connections; raises PlatformError with the end of its log."""
    deadline = time.monotonic() + START_PATIENCE_SECONDS
    ask = [str(programs / "pg_isready"), "--quiet", "--host", str(sockets), "--port", "5432"]
    while time.monotonic() < deadline and process.poll() is None:
        if not subprocess.run(ask, check=False).returncode:  # noqa: S603
            return
        time.sleep(0.05)
    said = " ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
    raise PlatformError(f"A PostgreSQL to restore into did not start: {said}")


@contextmanager
def scratch_databases(
    programs: Path, names: Sequence[str], folder: Path
) -> Iterator[dict[str, DatabaseAddress]]:
    """Empty databases in a PostgreSQL that is thrown away afterwards; it is made in the folder where that is possible."""
    place = open_folder(".scratch-", None if server_account() else folder)
    pgdata = place / "pgdata"
    try:
        made = subprocess.run(  # noqa: S603
            [
                str(programs / "initdb"), "--pgdata", str(pgdata), "--username", "scratch", "--encoding", "UTF8",
                "--locale", "C.UTF-8", "--auth", "trust", "--no-sync",
            ],
            capture_output=True, text=True, check=False, user=server_account(), cwd=place,
        )  # fmt: skip
        if made.returncode:
            raise PlatformError(
                f"A PostgreSQL to restore into could not be made: {made.stderr.strip()[-300:]}"
            )
        with temporary_server(programs, pgdata) as sockets:
            server = DatabaseAddress("scratch", str(sockets), 5432, "postgres", "scratch", "")
            connection = server.connect()
            with connection.cursor() as cursor:
                for name in names:
                    cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            connection.close()
            yield {name: DatabaseAddress(name, str(sockets), 5432, name, "scratch", "") for name in names}
    finally:
        shutil.rmtree(place, ignore_errors=True)
