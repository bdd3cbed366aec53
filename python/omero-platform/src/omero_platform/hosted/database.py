"""A PostgreSQL data folder: made all or nothing, and brought to the configured passwords at every start."""

from __future__ import annotations

import ipaddress
import logging
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.hosted.environment import required, secret
from omero_platform.instance import write_atomically
from omero_platform.services.postgresql import MONITORING_USER

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cluster:
    """One data folder, the database in it, and who may reach it over which networks."""

    programs: Path
    folder: Path
    name: str
    user: str
    password: str = field(repr=False)
    monitoring_password: str = field(repr=False)
    networks: tuple[str, ...] = ()


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Make or update the data folder that PGDATA names."""
    programs, folder, name, user = required(
        environ, "POSTGRESQL_PROGRAMS", "PGDATA", "DATABASE_NAME", "DATABASE_USER"
    )
    networks = tuple(part for part in environ.get("DATABASE_NETWORKS", "").split(",") if part)
    ensure(
        Cluster(
            Path(programs),
            Path(folder),
            name,
            user,
            secret(environ, "DATABASE_PASSWORD"),
            secret(environ, "MONITORING_PASSWORD"),
            networks,
        )
    )


def ensure(cluster: Cluster) -> None:
    """Make the folder when there is none; then set passwords and who may connect, which may have changed."""
    refuse_other_version(cluster)
    if not cluster.folder.exists():
        initialise(cluster)
    write_atomically(cluster.folder / "pg_hba.conf", host_rules(cluster.networks), mode=0o600)
    statements(cluster, cluster.folder, accounts(cluster))


def refuse_other_version(cluster: Cluster) -> None:
    """Raise PlatformError for a folder of another major version, which the server would refuse less clearly."""
    version_file = cluster.folder / "PG_VERSION"
    if not version_file.exists():
        return
    there = version_file.read_text(encoding="utf-8").strip()
    output = subprocess.run(  # noqa: S603
        [cluster.programs / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    ours = output.split()[2].partition(".")[0]
    if there != ours:
        raise PlatformError(
            f"{cluster.folder} was made by PostgreSQL {there}; this is {ours}.",
            f"Set the package of this database to PostgreSQL {there}, or upgrade the folder with pg_upgrade.",
        )


def initialise(cluster: Cluster) -> None:
    """Make the folder beside its place and move it there when it is complete."""
    draft = cluster.folder.with_name(cluster.folder.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command: list[str | Path] = [
        cluster.programs / "initdb",
        "--pgdata",
        draft,
        "--username",
        "postgres",
        "--encoding",
        "UTF8",
    ]
    command += [
        "--locale",
        "C.UTF-8",
        "--auth",
        "scram-sha-256",
        "--data-checksums",
        "--pwfile",
        "/dev/stdin",
    ]
    run_program(command, cluster.password, f"The database folder {cluster.folder} could not be made")
    statements(cluster, draft, [f"CREATE DATABASE {quoted(cluster.name)} TEMPLATE template0"])
    draft.rename(cluster.folder)
    log.info("database=%s folder=%s made", cluster.name, cluster.folder)


def accounts(cluster: Cluster) -> list[str]:
    """Statements that are right for a new folder as for an old one."""
    return [
        *role(cluster.user, "LOGIN", cluster.password),
        f"ALTER DATABASE {quoted(cluster.name)} OWNER TO {quoted(cluster.user)}",
        *role(MONITORING_USER, "LOGIN", cluster.monitoring_password),
        f"GRANT pg_monitor TO {quoted(MONITORING_USER)}",
    ]


def role(name: str, options: str, password: str) -> list[str]:
    """Make a role unless it is there, and set its password; single-user mode wants each statement on one line."""
    exists = f"SELECT FROM pg_roles WHERE rolname = {literal(name)}"
    make = f"CREATE ROLE {quoted(name)}"
    return [
        f"DO $do$ BEGIN IF NOT EXISTS ({exists}) THEN {make}; END IF; END $do$",
        f"ALTER ROLE {quoted(name)} {options} PASSWORD {literal(password)}",
    ]


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL; raises PlatformError for one that single-user mode would cut in two."""
    if "\n" in text or "\0" in text:
        raise PlatformError("A password of the database has a line break in it.", "Use one line of text.")
    return "'" + text.replace("'", "''") + "'"


def host_rules(networks: Sequence[str]) -> str:
    """Who may connect: this machine and the platform's others, always with a password."""
    lines = ["# Written by the platform at every start.", "local all all scram-sha-256"]
    for network in ("127.0.0.1/32", "::1/128", *networks):
        try:
            lines.append(f"host all all {ipaddress.ip_network(network, strict=False)} scram-sha-256")
        except ValueError as error:
            raise PlatformError(
                f"{network} is not an address or a network.", "Write it like 10.0.0.11 or 10.0.0.0/24."
            ) from error
    return "\n".join(lines) + "\n"


def statements(cluster: Cluster, folder: Path, sql: Sequence[str]) -> None:
    """Run statements without a server, so that nobody can connect in between."""
    command: list[str | Path] = [cluster.programs / "postgres", "--single", "-D", folder, "postgres"]
    run_program(command, "\n".join(sql) + "\n", f"The database {cluster.name} could not be prepared")


def run_program(command: Sequence[str | Path], given: str, failure: str) -> None:
    """Run a program that must succeed; raises PlatformError with what it complained about."""
    result = subprocess.run(  # noqa: S603
        list(map(str, command)), input=given, capture_output=True, text=True, check=False
    )
    complaints = [line for line in result.stderr.splitlines() if "ERROR" in line or "FATAL" in line]
    if result.returncode or complaints:
        said = complaints or result.stderr.strip().splitlines()[-3:]
        raise PlatformError(f"{failure}: {' '.join(said)}")
