"""ILdap: there is no directory service behind the embedded server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class LdapService:
    """Says that LDAP is off, and refuses what would need it."""

    interface = "omero.api.ILdap"

    def __init__(self, server: Server) -> None:
        self._server = server

    def getSetting(self, call: Call) -> bool:
        """LDAP is off."""
        return False

    def discover(self, call: Call) -> list[Any]:
        """No user comes from a directory."""
        return []

    def discoverGroups(self, call: Call) -> list[Any]:
        """No group comes from a directory."""
        return []

    def __getattr__(self, name: str) -> Any:
        if name not in _NEED_LDAP:
            raise AttributeError(name)
        return _refuse


_NEED_LDAP = frozenset(
    {
        "searchAll",
        "searchDnInGroups",
        "searchByAttribute",
        "searchByAttributes",
        "searchByDN",
        "findDN",
        "findGroupDN",
        "findExperimenter",
        "findGroup",
        "setDN",
        "createUser",
    }
)


def _refuse(_call: Call, *_arguments: Any) -> None:
    raise errors.api_usage("LDAP is not configured on this server")
