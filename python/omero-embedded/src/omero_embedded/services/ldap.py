"""ILdap: there is no directory service behind the embedded server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import update

from omero_embedded import errors
from omero_embedded.administration.rules import need
from omero_embedded.security.directory import changing_directory
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class LdapService:
    """Says to administrators that LDAP is off; nobody else asks, as with OMERO.server."""

    interface = "omero.api.ILdap"

    def __init__(self, server: Server) -> None:
        self._server = server

    def getSetting(self, call: Call) -> bool:
        """LDAP is off."""
        _administrators(call)
        return False

    def discover(self, call: Call) -> list[Any]:
        """No user is in a directory."""
        _administrators(call)
        return []

    def discoverGroups(self, call: Call) -> list[Any]:
        """No group is in a directory."""
        _administrators(call)
        return []

    def searchAll(self, call: Call) -> NoReturn:
        """Users of the directory."""
        _refuse(call)

    def searchDnInGroups(self, call: Call, attribute: str, value: str) -> list[str]:
        """Groups of the directory; none are like nothing."""
        return _search(call, attribute and value)

    def searchByAttribute(self, call: Call, dn: str, attribute: str, value: str) -> list[Any]:
        """Users of the directory; none are like nothing."""
        return _search(call, attribute and value)

    def searchByAttributes(self, call: Call, dn: str, attributes: list[str], values: list[str]) -> list[Any]:
        """Users of the directory; none if there is not a value for each attribute."""
        return _search(call, len(attributes) == len(values))

    def searchByDN(self, call: Call, dn: str) -> NoReturn:
        """A user of the directory."""
        _refuse(call)

    def findDN(self, call: Call, name: str) -> NoReturn:
        """Where a user is in the directory."""
        _refuse(call)

    def findGroupDN(self, call: Call, name: str) -> NoReturn:
        """Where a group is in the directory."""
        _refuse(call)

    def findExperimenter(self, call: Call, name: str) -> NoReturn:
        """A user of the directory."""
        _refuse(call)

    def findGroup(self, call: Call, name: str) -> NoReturn:
        """A group of the directory."""
        _refuse(call)

    def createUser(self, call: Call, name: str) -> NoReturn:
        """Make somebody of the directory a user."""
        _administrators(call)
        if self._server.directory.user_named(name) is not None:
            raise errors.validation(f"User already exists: {name}")
        _refuse(call)

    def setDN(self, call: Call, user_id: Any, dn: str) -> None:
        """Mark a user as one of the directory, or with an empty name as none; it changes nothing else here."""
        _administrators(call)
        if user_id is None:
            raise errors.api_usage("setDN takes the id of a user")
        need(call, "ModifyUser")
        table = TABLES["Experimenter"]
        with changing_directory(call) as connection:
            chosen = update(table).where(table.c.id == user_id.val)
            if connection.execute(chosen.values(ldap=bool(dn.strip()))).rowcount == 0:
                raise errors.validation(f"there is no user {user_id.val}")


def _search(call: Call, something: object) -> list[Any]:
    if something:
        _refuse(call)
    _administrators(call)
    return []


def _administrators(call: Call) -> None:
    if not call.caller.is_admin:
        raise errors.security("ILdap is for administrators")


def _refuse(call: Call) -> NoReturn:
    _administrators(call)
    raise errors.api_usage("LDAP is not configured on this server (omero.ldap.config is false)")
