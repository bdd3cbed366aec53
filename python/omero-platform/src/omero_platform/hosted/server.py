"""OMERO.server: its folder, certificate, configuration and database, then its own `omero admin start`."""

from __future__ import annotations

import json
import logging
import secrets
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from omero_platform.errors import PlatformError
from omero_platform.hosted import certificates
from omero_platform.hosted.environment import required, secret
from omero_platform.hosted.execute import become
from omero_platform.hosted.first_password import first_password_file
from omero_platform.hosted.scripts import script_folders
from omero_platform.hosted.server_tree import CONFIG, lay_out
from omero_platform.instance import write_atomically
from omero_platform.services.omeroweb import config_xml

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

PREFIX = "CONFIG_"


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Prepare, then become the server."""
    told = prepare(environ)
    make_tables(told)
    become([*omero(told), "admin", "start", "--foreground"], told)


def prepare(environ: dict[str, str]) -> dict[str, str]:
    """Lay out the folder and write the configuration; returns what the server's process is told."""
    folder, distribution, data, python = required(
        environ, "OMERODIR", "OMERO_SERVER_DISTRIBUTION", "OMERO_DATA_DIR", "OMERO_PYTHON"
    )
    lay_out(Path(distribution), Path(folder), script_folders(environ))
    names = dict.fromkeys(["omeroserver", "localhost", socket.gethostname()])
    found = {
        **certificates.ensure(Path(data, "certs"), list(names)),
        **database_settings(environ),
        "omero.data.dir": data,
        "omero.scripts.python": python,
        **site_settings(environ),
    }
    texts = {name: str(value) for name, value in found.items()}
    write_atomically(Path(folder, CONFIG), config_xml(texts), mode=0o600)
    reset_runtime(Path(folder), wanted=environ.get("RESET_OMERO_RUNTIME") == "1")
    return dict(environ)


def database_settings(environ: dict[str, str]) -> dict[str, str]:
    """Where the server finds its database."""
    parts = ("host", "port", "name", "user")
    values = required(environ, *(f"OMERO_DB_{part.upper()}" for part in parts))
    return {
        **{f"omero.db.{part}": value for part, value in zip(parts, values, strict=True)},
        "omero.db.pass": secret(environ, "OMERO_DB_PASS"),
    }


def site_settings(environ: dict[str, str]) -> dict[str, str]:
    """The site's own: from the file that OMERO_SERVER_SETTINGS names, and CONFIG_… variables, where _ is a dot and __ is _."""
    found: dict[str, str] = {}
    if file := environ.get("OMERO_SERVER_SETTINGS"):
        found |= json.loads(Path(file).read_text(encoding="utf-8"))
    for name, value in environ.items():
        if name.startswith(PREFIX):
            words = name.removeprefix(PREFIX).split("__")
            found["_".join(word.replace("_", ".") for word in words)] = value
    return found


def reset_runtime(folder: Path, *, wanted: bool) -> None:
    """Forget what IceGrid remembers of earlier addresses, when somebody asks for it."""
    master = folder / "var/master"
    if wanted and master.exists():
        for path in sorted(master.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        log.info("runtime=%s forgotten", master)


def omero(told: dict[str, str]) -> list[str]:
    """The command line of omero-py, by the server's own Python."""
    return [told["OMERO_PYTHON"], "-P", "-m", "omero.main"]


def make_tables(told: dict[str, str]) -> None:
    """Make OMERO's tables in an empty database; one that has them stays as it is."""
    host, port, name, user = required(
        told, "OMERO_DB_HOST", "OMERO_DB_PORT", "OMERO_DB_NAME", "OMERO_DB_USER"
    )
    connection = psycopg2.connect(
        host=host, port=port, dbname=name, user=user, password=secret(told, "OMERO_DB_PASS")
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.dbpatch') IS NOT NULL")
        if not cursor.fetchone()[0]:
            cursor.execute(schema(told))
            log.info("database=%s tables made", name)
    connection.close()


def schema(told: dict[str, str]) -> str:
    """The statements that make OMERO's tables; raises PlatformError with omero's complaint.

    omero takes root's password by command line only, where others on the machine can see it. So it is given one that
    holds until `setup` logs in with it and sets the real one.
    """
    first = secrets.token_urlsafe(24)
    write_atomically(first_password_file(told), first + "\n", mode=0o600)
    result = subprocess.run(  # noqa: S603
        [*omero(told), "db", "script", "--file", "-", "--password", first],
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise PlatformError(f"OMERO's tables could not be made: {result.stderr.strip()}")
    inside = [line for line in result.stdout.splitlines() if not line.startswith("\\")]
    return "\n".join(line for line in inside if line.strip().upper() not in {"BEGIN;", "COMMIT;"})
