"""The command `omero-embedded serve`."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import sys
import threading
from pathlib import Path

from omero_embedded.server import Server
from omero_embedded.store.database import StoreError
from omero_embedded.support import markdown
from omero_embedded.wire.adapter import Endpoints

BANNER = (
    "embedded OMERO: the OMERO API for developing and testing tools; production data belong on OMERO.server"
)


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve until told to stop."""
    options = _parser().parse_args(arguments)
    if options.command == "supported":
        print(markdown())  # noqa: T201 - a command talks to its terminal
        return 0
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    try:
        server = Server(
            options.data,
            endpoints=Endpoints(options.host, options.ssl_port, options.tcp_port),
            database_url=options.database or os.environ.get("OMERO_EMBEDDED_DATABASE_URL"),
            root_password=_root_password(options),
            config=dict(pair.partition("=")[::2] for pair in options.config),
        )
        server.start()
    except (StoreError, OSError) as error:
        print(f"omero-embedded: {error}", file=sys.stderr)  # noqa: T201 - a command talks to its terminal
        return 1
    ports = " ".join(f"{name}={port}" for name, port in sorted(server.ports().items()))
    print(f"{BANNER}\nready host={options.host} {ports}", flush=True)  # noqa: T201
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    server.stop()
    return 0


def _root_password(options: argparse.Namespace) -> str:
    if options.root_password_file is not None:
        return str(options.root_password_file.read_text().strip())
    given = os.environ.get("OMERO_EMBEDDED_ROOT_PASSWORD")
    if given:
        return given
    made = secrets.token_urlsafe(12)
    print(f"password of root: {made}")  # noqa: T201
    return made


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="omero-embedded", description=BANNER)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("supported", help="print the table of supported services, operations and requests")
    serve = commands.add_parser("serve", help="serve the OMERO API until stopped")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--ssl-port", type=int, default=4064, help="0 takes a free port")
    serve.add_argument("--tcp-port", type=int, default=4063, help="0 takes a free port")
    serve.add_argument(
        "--data", type=Path, required=True, help="folder of images, files and, by default, the SQLite store"
    )
    serve.add_argument("--database", help="SQLAlchemy URL of the store (or OMERO_EMBEDDED_DATABASE_URL)")
    serve.add_argument(
        "--root-password-file",
        type=Path,
        help="file with the password of root (or OMERO_EMBEDDED_ROOT_PASSWORD)",
    )
    serve.add_argument(
        "--config", action="append", default=[], metavar="KEY=VALUE", help="an omero.* configuration value"
    )
    serve.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
