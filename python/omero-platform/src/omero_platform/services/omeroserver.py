"""The OMERO API: the embedded server on the `omero` database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.instance import HOST
from omero_platform.secret_files import secret_file
from omero_platform.services.postgresql import database_url
from omero_platform.supervisor import Program

if TYPE_CHECKING:
    from omero_platform.instance import Instance


def prepare(instance: Instance, service: str) -> None:
    """Make the folder for pixels and files, and root's password."""
    (instance.data / service).mkdir(mode=0o750, exist_ok=True)
    secret_file(instance, "omero-root")


def program(instance: Instance, service: str) -> Program:
    """The server process; passwords reach it by environment and file, not by command line."""
    command = instance.python(
        "omero_embedded", "serve",
        "--host", HOST,
        "--ssl-port", str(instance.port(service, "ssl")),
        "--tcp-port", str(instance.port(service, "tcp")),
        "--data", str(instance.data / service),
        "--root-password-file", str(secret_file(instance, "omero-root")),
    )  # fmt: skip
    url = database_url(instance, "database", driver="postgresql+psycopg2")
    return Program(service, command, {"OMERO_EMBEDDED_DATABASE_URL": url}, stop_seconds=30)
