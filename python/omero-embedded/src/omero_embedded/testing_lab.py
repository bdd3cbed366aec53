"""People and data on an OMERO server, for tests: a server in this process, or any other that may be filled."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.gateway import BlitzGateway
from omero.rtypes import rstring

from omero_embedded.testing_images import Importer, make_dataset, make_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

HOST = "127.0.0.1"
PASSWORD = "ome-test"  # noqa: S105 - of people who exist for a test


class Lab:
    """A server that tests fill with groups, people and data, all of them through its API.

    A group or a person that an earlier run left behind makes room: the group is renamed, the person leaves all others
    for the first group of this run and gets the password.
    """

    def __init__(self, address: str, root_password: str = PASSWORD) -> None:
        self.address = address
        self.root_password = root_password
        self._met: set[str] = set()

    def reset(self) -> None:
        """Begin anew: names of groups and people may be used again."""
        self._met.clear()

    @contextmanager
    def client(self, name: str, *, group: str | None = None) -> Iterator[Any]:
        """A logged-in omero.client."""
        client = omero.client(args=[f"--omero.group={group}"] if group else [], host=self.address)
        client.createSession(name, self._password(name))
        try:
            yield client
        finally:
            client.closeSession()

    @contextmanager
    def gateway(self, name: str, *, group: str | None = None) -> Iterator[BlitzGateway]:
        """A logged-in BlitzGateway."""
        conn = BlitzGateway(name, self._password(name), host=self.address, secure=True, group=group)
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
            _make_room(client.sf, name)
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

    def administrator(self, name: str, *privileges: str) -> int:
        """Make a user who is an administrator, of the named privileges alone if there are any; returns the id."""
        with self.client("root") as client:
            admin = client.sf.getAdminService()
            system = omero.model.ExperimenterGroupI(admin.getSecurityRoles().systemGroupId, False)
            self._join(admin, name, system)
            user = admin.lookupExperimenter(name)
            if privileges:
                admin.setAdminPrivileges(user, [_privilege(value) for value in privileges])
        number: int = user.id.val
        return number

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
        with self.client("root") as client:
            found: int = client.sf.getAdminService().lookupExperimenter(name).id.val
        return found

    def _password(self, name: str) -> str:
        return self.root_password if name == "root" else PASSWORD

    def _join(self, admin: Any, name: str, group: Any) -> None:
        try:
            user = admin.lookupExperimenter(name)
        except omero.ApiUsageException:
            self._create(admin, name, group)
        else:
            admin.addGroups(user, [group])
            if name not in self._met:
                admin.setDefaultGroup(user, group)
                self._leave_others(admin, user, group)
                admin.changeUserPassword(name, rstring(PASSWORD))
        self._met.add(name)

    def _leave_others(self, admin: Any, user: Any, group: Any) -> None:
        kept = {group.id.val, admin.getSecurityRoles().userGroupId}
        earlier = [found for found in admin.containedGroups(user.id.val) if found.id.val not in kept]
        if earlier:
            admin.removeGroups(user, earlier)

    def _create(self, admin: Any, name: str, group: Any) -> int:
        user = omero.model.ExperimenterI()
        user.omeName = rstring(name)
        user.firstName = rstring(name.capitalize())
        user.lastName = rstring("Tester")
        user.ldap = omero.rtypes.rbool(False)
        everyone = omero.model.ExperimenterGroupI(admin.getSecurityRoles().userGroupId, False)
        made: int = admin.createExperimenterWithPassword(user, rstring(PASSWORD), group, [everyone])
        return made


def _privilege(value: str) -> Any:
    privilege = omero.model.AdminPrivilegeI()
    privilege.value = rstring(value)
    return privilege


def _make_room(factory: Any, name: str) -> None:
    """Rename a group of this name that is there already."""
    params = omero.sys.ParametersI().addString("name", name)
    query = "select g from ExperimenterGroup g where g.name = :name"
    found = factory.getQueryService().findByQuery(query, params)
    if found is not None:
        found.name = rstring(f"{name} {found.id.val}")
        factory.getAdminService().updateGroup(found)


def given_lab(environment: Mapping[str, str] = os.environ) -> Lab | None:
    """The server that OMERO_TEST_HOST names, as host or URL with OMERO_TEST_PORT and OMERO_TEST_ROOT_PASSWORD.

    None without it: tests then start a server of their own.
    """
    host = environment.get("OMERO_TEST_HOST")
    if not host:
        return None
    port = environment.get("OMERO_TEST_PORT", "4064")
    address = host if "://" in host else f"ssl://{host}:{port}"
    return Lab(address, environment.get("OMERO_TEST_ROOT_PASSWORD", PASSWORD))
