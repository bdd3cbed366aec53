"""The databases that are looked after: of a stack on this machine, or named by environment variables."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2

from omero_platform.errors import PlatformError
from omero_platform.secret_files import secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omero_platform.instance import Instance

READY_PATIENCE_SECONDS = 150
ADVISORY_LOCK = 0x6F6D65726F  # "omero": whoever holds it looks after the database
PREFIXES = {"database": "OMERO_DB", "database_plugin": "PLUGIN_DB"}
PARTS = ("HOST", "PORT", "NAME", "USER", "PASS")


@dataclass(frozen=True)
class DatabaseAddress:
    """Where a database is, and the account that owns its tables."""

    service: str
    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)

    def connect(self, **options: str) -> Any:
        """A connection without surrounding transaction; options are settings of the session."""
        settings = " ".join(f"-c {name}={value}" for name, value in options.items())
        connection = psycopg2.connect(
            host=self.host,
            port=self.port,
            dbname=self.name,
            user=self.user,
            password=self.password,
            connect_timeout=5,
            application_name="omero-platform",
            options=settings,
        )
        connection.autocommit = True
        return connection

    def environment(self) -> dict[str, str]:
        """What PostgreSQL's own programs need to find it, with nothing on their command line."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.name,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGCONNECT_TIMEOUT": "5",
        }


def databases_of(instance: Instance) -> list[DatabaseAddress]:
    """The databases that `stack.toml` says are maintained, in its order."""
    return [address_of(instance, service) for service in instance.stack.maintenance.databases]


def address_of(instance: Instance, service: str) -> DatabaseAddress:
    """One database of the stack; raises ValueError for a service that is none."""
    database = instance.service(service).database
    if database is None:
        raise ValueError(f"services.{service} needs a database table")
    return DatabaseAddress(
        service,
        instance.host(service),
        instance.port(service, "postgresql"),
        database.name,
        database.user,
        secret(instance, service),
    )


def databases_from(environment: Mapping[str, str] = os.environ) -> list[DatabaseAddress]:
    """Both databases as environment variables name them; passwords may come from the file that `…_PASS_FILE` names.

    Raises PlatformError with every variable that is missing.
    """
    values = {}
    missing = []
    for prefix in PREFIXES.values():
        for part in PARTS:
            name = f"{prefix}_{part}"
            values[name] = environment.get(name, "") or secret_from_file(environment, name)
            if not values[name]:
                missing.append(f"{name} (or {name}_FILE)" if part == "PASS" else name)
    if missing:
        raise PlatformError(
            f"These environment variables are missing: {', '.join(missing)}.",
            "A job of cron does not inherit the container's environment: give it the variables or a file with them.",
        )
    return [
        DatabaseAddress(
            service,
            values[f"{prefix}_HOST"],
            port_number(f"{prefix}_PORT", values[f"{prefix}_PORT"]),
            values[f"{prefix}_NAME"],
            values[f"{prefix}_USER"],
            values[f"{prefix}_PASS"],
        )
        for service, prefix in PREFIXES.items()
    ]


def secret_from_file(environment: Mapping[str, str], name: str) -> str:
    """A secret from the file that a variable names; empty when there is no such variable."""
    path = environment.get(f"{name}_FILE", "") if name.endswith("_PASS") else ""
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise PlatformError(f"{name}_FILE: {path} cannot be read: {error.strerror}.") from error


def port_number(name: str, text: str) -> int:
    """A port from text; raises PlatformError naming the variable."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise PlatformError(f"{name} must be a port number, not {text!r}.")
    return int(text)


def wait_until_ready(address: DatabaseAddress, patience_seconds: float = READY_PATIENCE_SECONDS) -> None:
    """Wait until the database answers; raises PlatformError when it never does."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            address.connect().close()
        except psycopg2.OperationalError as error:
            if time.monotonic() >= deadline:
                raise PlatformError(
                    f"{address.service} does not answer at {address.host}:{address.port}: {' '.join(str(error).split())}"
                ) from error
        else:
            return
        time.sleep(min(1.0, max(0.05, deadline - time.monotonic())))


class BusyError(PlatformError):
    """Somebody else looks after the database at the moment."""


@contextmanager
def looked_after(address: DatabaseAddress, patience_seconds: float = 0) -> Iterator[None]:
    """Be the only one who maintains or backs up this database, wherever the others run.

    Raises BusyError when another holds on for longer than the patience.
    """
    connection = address.connect()
    deadline = time.monotonic() + patience_seconds
    try:
        with connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
                if cursor.fetchone()[0]:
                    break
                if time.monotonic() >= deadline:
                    raise BusyError(
                        f"Another maintenance or backup is working on {address.service}.",
                        "Wait until it is done; nothing was changed.",
                    )
                time.sleep(0.5)
        yield
    finally:
        connection.close()
