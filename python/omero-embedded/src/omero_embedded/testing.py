"""A running server for tests, with people to log in as.

site = Site(folder)
site.group("lab", "rwra--", "alice", "bob")
with site.gateway("alice") as conn: ...
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.gateway import BlitzGateway
from omero.rtypes import rstring

from omero_embedded.server import Server
from omero_embedded.store.snapshot import Snapshot
from omero_embedded.testing_images import Importer, make_dataset, make_image
from omero_embedded.wire.adapter import Endpoints

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

HOST = "127.0.0.1"
PASSWORD = "ome-test"  # noqa: S105 - of a server that only listens on loopback and lives as long as a test


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


class Site:
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
        self.address = f"tcp://{HOST}:{self.port}"

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
        self.server.sessions.forget_all()
        self._snapshot.restore()
        self.server.forget_directory()

    @contextmanager
    def client(self, name: str, *, group: str | None = None) -> Iterator[Any]:
        """A logged-in omero.client."""
        client = omero.client(args=[f"--omero.group={group}"] if group else [], host=self.address)
        client.createSession(name, PASSWORD)
        try:
            yield client
        finally:
            client.closeSession()

    @contextmanager
    def gateway(self, name: str, *, group: str | None = None) -> Iterator[BlitzGateway]:
        """A logged-in BlitzGateway."""
        conn = BlitzGateway(name, PASSWORD, host=self.address, secure=True, group=group)
        if not conn.connect():
            raise ConnectionError(f"{name} cannot log in: {conn.getLastError()}")
        try:
            yield conn
        finally:
            conn.close()

    def group(self, name: str, permissions: str, *members: str, owners: tuple[str, ...] = ()) -> int:
        """Make a group, and those of its members who do not exist yet; returns its id."""
        with self.client("root") as client:
            admin = client.sf.getAdminService()
            group = omero.model.ExperimenterGroupI()
            group.name = rstring(name)
            group.ldap = omero.rtypes.rbool(False)
            group.details.permissions = omero.model.PermissionsI(permissions)
            group_id: int = admin.createGroup(group)
            made = omero.model.ExperimenterGroupI(group_id, False)
            for member in (*members, *owners):
                self._join(admin, member, made)
            for owner in owners:
                admin.setGroupOwner(made, admin.lookupExperimenter(owner))
        return group_id

    def administrator(self, name: str) -> int:
        """Make a user who is an administrator; returns the id."""
        with self.client("root") as client:
            admin = client.sf.getAdminService()
            system = omero.model.ExperimenterGroupI(admin.getSecurityRoles().systemGroupId, False)
            user_id: int = self._create(admin, name, system)
        return user_id

    def dataset(self, owner: str, name: str = "dataset") -> int:
        """Make an empty dataset in the owner's own group; returns its id."""
        with self.gateway(owner) as conn:
            return make_dataset(conn, name)

    def image(
        self,
        owner: str,
        name: str = "image.tif",
        *,
        shape: tuple[int, int, int, int, int] = (1, 1, 1, 32, 32),
        dtype: str = "uint16",
        dataset: int | None = None,
    ) -> int:
        """Make an image whose pixels count upwards, `shape` being (t, c, z, y, x); returns its id."""
        with self.gateway(owner) as conn:
            return make_image(conn, name, shape=shape, dtype=dtype, dataset=dataset)

    def import_files(self, owner: str, *paths: Path) -> list[int]:
        """Import files that belong together, as client libraries do; returns the ids of their images."""
        with self.client(owner) as client:
            return Importer(client).ids(list(paths))

    def user_id(self, name: str) -> int:
        """The id of a user."""
        user = self.server.directory.user_named(name)
        assert user is not None, f"no user {name}"
        return user.id

    def _join(self, admin: Any, name: str, group: Any) -> None:
        if self.server.directory.user_named(name) is None:
            self._create(admin, name, group)
        else:
            admin.addGroups(admin.lookupExperimenter(name), [group])

    def _create(self, admin: Any, name: str, group: Any) -> int:
        user = omero.model.ExperimenterI()
        user.omeName = rstring(name)
        user.firstName = rstring(name.capitalize())
        user.lastName = rstring("Tester")
        user.ldap = omero.rtypes.rbool(False)
        everyone = omero.model.ExperimenterGroupI(admin.getSecurityRoles().userGroupId, False)
        made: int = admin.createExperimenterWithPassword(user, rstring(PASSWORD), group, [everyone])
        return made
