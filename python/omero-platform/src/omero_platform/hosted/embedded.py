"""The embedded OMERO on the platform's database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from omero_platform.hosted.environment import required, secret
from omero_platform.hosted.execute import become

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Become the server; passwords reach it by its environment."""
    data, ssl_port, tcp_port, listen = required(
        environ, "OMERO_DATA_DIR", "OMERO_PORT", "OMERO_TCP_PORT", "OMERO_SERVER_LISTEN"
    )
    if home := environ.get("HOME"):
        Path(home).mkdir(mode=0o750, parents=True, exist_ok=True)
    told = {
        **environ,
        "OMERO_EMBEDDED_DATABASE_URL": database_url(environ),
        "OMERO_EMBEDDED_ROOT_PASSWORD": secret(environ, "ROOTPASS"),
    }
    become(
        [
            sys.executable, "-P", "-m", "omero_embedded", "serve", "--host", listen,
            "--ssl-port", ssl_port, "--tcp-port", tcp_port, "--data", data,
        ],
        told,
    )  # fmt: skip


def database_url(environ: dict[str, str]) -> str:
    """Where the store is, with its password."""
    host, port, name, user = required(
        environ, "OMERO_DB_HOST", "OMERO_DB_PORT", "OMERO_DB_NAME", "OMERO_DB_USER"
    )
    password = quote(secret(environ, "OMERO_DB_PASS"), safe="")
    return f"postgresql+psycopg2://{user}:{password}@{host}:{port}/{name}"
