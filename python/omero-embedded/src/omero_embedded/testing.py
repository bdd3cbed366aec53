"""A running server for tests, with people to log in as.

site = Site(folder)
site.group("lab", "rwra--", "alice", "bob")
with site.gateway("alice") as conn: ...
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from omero_embedded.server import Server
from omero_embedded.store.snapshot import Snapshot
from omero_embedded.testing_lab import HOST, PASSWORD, Lab
from omero_embedded.wire.adapter import Endpoints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def spawn(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A server in a process of its own, on a free port and with its data in the folder; the process and the address."""
    secret = folder / "root-password"
    secret.write_text(PASSWORD)
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "omero_embedded",
        "serve",
        "--data",
        str(folder / "data"),
    ]
    command += [
        "--ssl-port",
        "0",
        "--tcp-port",
        "0",
        "--root-password-file",
        str(secret),
        "--log-level",
        "error",
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603 - our own words
    lines = iter(process.stdout or ())
    ready = next((line for line in lines if line.startswith("ready")), None)
    if ready is None:
        raise ChildProcessError(
            f"the server ended with {process.wait()} before it was ready; what it said is above"
        )
    ports = dict(part.split("=") for part in ready.split()[1:])
    return process, f"tcp://{HOST}:{ports['tcp']}"


class Site(Lab):
    """A server on free ports of this machine."""

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str | None = None,
        config: Mapping[str, str] | None = None,
        ssl: bool = False,
    ) -> None:
        self.server = Server(
            folder,
            endpoints=Endpoints(HOST, 0 if ssl else None, 0),
            database_url=database_url,
            root_password=PASSWORD,
            config=config,
        )
        if self.server.db.is_sqlite:
            self.mark()
        self.server.start()
        self.port = self.server.ports()["tcp"]
        super().__init__(f"tcp://{HOST}:{self.port}")

    def stop(self) -> None:
        """End the server."""
        self.server.stop()

    def mark(self) -> None:
        """Remember the present state for `reset`."""
        self._snapshot = Snapshot(self.server.db)

    def reset(self) -> None:
        """Go back to the marked state (a new server, if none was marked) and close all sessions.

        Ids go on counting: no id of a test is met again in the next.
        """
        super().reset()
        self.server.sessions.forget_all()
        self._snapshot.restore()
        self.server.forget_directory()
