"""PostgreSQL: the distribution's programs, one data folder per database."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.instance import HOST
from omero_platform.secret_files import secret, secret_file
from omero_platform.supervisor import Program

if TYPE_CHECKING:
    from omero_platform.instance import Instance
    from omero_platform.stack import Database

MONITORING_USER = "monitoring"


def installed_versions() -> dict[str, Path]:
    """The folders of PostgreSQL's programs by major version, newest first."""
    found = {
        path.parents[1].name: path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if path.is_file()
    }
    program = shutil.which("postgres")
    if not found and program:
        output = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
        found[output.split()[-1].partition(".")[0]] = Path(program).resolve().parent
    return dict(sorted(found.items(), key=lambda item: -int(item[0])))


def pgdata(instance: Instance, service: str) -> Path:
    """The data folder; a sub-folder, so that a mount point's lost+found does not disturb initdb."""
    return instance.data / service / "pgdata"


def programs_for(instance: Instance, service: str) -> Path:
    """The programs that fit an existing data folder, or the newest; raises PlatformError when there are none."""
    versions = installed_versions()
    if not versions:
        raise PlatformError("PostgreSQL is not installed.", "Install the package postgresql.")
    version_file = pgdata(instance, service) / "PG_VERSION"
    if not version_file.exists():
        return next(iter(versions.values()))
    version = version_file.read_text().strip()
    if version not in versions:
        raise PlatformError(
            f"{pgdata(instance, service)} was made by PostgreSQL {version}; installed is {', '.join(versions)}.",
            f"Install postgresql-{version}, or dump the database there and restore it into a new data folder.",
        )
    return versions[version]


def prepare(instance: Instance, service: str) -> None:
    """Make the data folder with its database and accounts, all or nothing."""
    folder = pgdata(instance, service)
    database = instance.service(service).database
    programs = programs_for(instance, service)
    if folder.exists() or database is None:
        return
    draft = folder.with_name("pgdata.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.parent.mkdir(mode=0o700, exist_ok=True)
    run_program(
        [
            str(programs / "initdb"), "--pgdata", str(draft), "--username", "postgres", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--auth", "scram-sha-256", "--data-checksums", "--no-sync",
            "--pwfile", str(secret_file(instance, f"{service}-postgres")),
        ],
        f"the database folder {folder} could not be made",
    )  # fmt: skip
    run_program(
        [str(programs / "postgres"), "--single", "-D", str(draft), "postgres"],
        f"the database {database.name} could not be made",
        accounts_sql(instance, service, database),
    )
    os.sync()
    draft.rename(folder)


def accounts_sql(instance: Instance, service: str, database: Database) -> str:
    """Statements for PostgreSQL's single-user mode, one per line."""
    monitoring = secret(instance, f"{service}-monitoring")
    return "\n".join([
        f"CREATE ROLE \"{database.user}\" LOGIN PASSWORD '{secret(instance, service)}'",
        f'CREATE DATABASE "{database.name}" OWNER "{database.user}" TEMPLATE template0',
        f"CREATE ROLE {MONITORING_USER} LOGIN IN ROLE pg_monitor PASSWORD '{monitoring}'",
        "",
    ])  # fmt: skip


def run_program(command: list[str], failure: str, standard_input: str = "") -> None:
    """Run a program that must succeed; raises PlatformError with what it said last."""
    result = subprocess.run(command, input=standard_input, capture_output=True, text=True, check=False)  # noqa: S603
    complaints = [line for line in result.stderr.splitlines() if "ERROR" in line or "FATAL" in line]
    if result.returncode or complaints:
        said = complaints or (result.stderr or result.stdout).strip().splitlines()[-3:]
        raise PlatformError(f"{failure[0].upper()}{failure[1:]}: {' '.join(said)}")


def program(instance: Instance, service: str) -> Program:
    """The server process; it listens on the loopback interface only."""
    settings = {
        "listen_addresses": HOST,
        "port": str(instance.port(service, "postgresql")),
        "unix_socket_directories": "",
        "timezone": instance.stack.timezone,
        "log_timezone": instance.stack.timezone,
        "shared_buffers": "128MB",
        "max_connections": "100",
    }
    command = [str(programs_for(instance, service) / "postgres"), "-D", str(pgdata(instance, service))]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return Program(service, command, stop_signal="INT", stop_seconds=30, stop_group=False)


def database_url(instance: Instance, service: str, user: str = "", driver: str = "postgresql") -> str:
    """Where a client finds the database, with the password of its account."""
    database = instance.service(service).database
    if database is None:
        raise ValueError(f"{service} has no database")
    account = user or database.user
    password = secret(instance, f"{service}-{user}" if user else service)
    return f"{driver}://{account}:{password}@{HOST}:{instance.port(service, 'postgresql')}/{database.name}"
