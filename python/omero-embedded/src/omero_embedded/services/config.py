"""IConfig: configuration values and the server's version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omero.rtypes import rtime
from sqlalchemy import select

from omero_embedded.config import DEFAULTS, VERSION
from omero_embedded.errors import api_usage, security
from omero_embedded.store.tables import STORE

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

# What the server keeps to itself; how it reaches its database is only for administrators.
_SECRET = re.compile(r"pass|secret|key", re.IGNORECASE)
_FOR_ADMINISTRATORS = ("omero.db.", "omero.data.", "omero.ldap.")


class ConfigService:
    """Serves omero.api.IConfig."""

    interface = "omero.api.IConfig"

    def __init__(self, server: Server) -> None:
        self._server = server

    def getVersion(self, call: Call) -> str:
        """The version of OMERO.server whose API is spoken."""
        return VERSION

    def getConfigValue(self, call: Call, key: str) -> str:
        """One value, "" for an unknown key."""
        if not self._readable(call, key):
            raise security(f"{key} is only for administrators")
        return self._server.config.get(key)

    def getConfigValues(self, call: Call, pattern: str) -> dict[str, str]:
        """All values whose key matches the regular expression."""
        try:
            matcher = re.compile(pattern)
        except re.error as error:
            raise api_usage(f"{pattern!r} is not a regular expression: {error}") from None
        return {
            key: value
            for key, value in self._server.config.items()
            if matcher.match(key) and self._readable(call, key)
        }

    def getConfigDefaults(self, call: Call) -> dict[str, str]:
        """The values that a server starts with."""
        return dict(DEFAULTS)

    def getClientConfigValues(self, call: Call) -> dict[str, str]:
        """The values for clients."""
        return {key: value for key, value in self._server.config.items() if key.startswith("omero.client.")}

    def getClientConfigDefaults(self, call: Call) -> dict[str, str]:
        """The values for clients that a server starts with."""
        return {key: value for key, value in DEFAULTS.items() if key.startswith("omero.client.")}

    def setConfigValue(self, call: Call, key: str, value: str) -> None:
        """Set a value for good."""
        if not call.caller.is_admin:
            raise security("only administrators set configuration values")
        if not key:
            raise api_usage("a configuration value needs a key")
        self._server.config.set(key, value)

    def setConfigValueIfEquals(self, call: Call, key: str, value: str, expected: str) -> bool:
        """Set a value if it is what the caller thinks it is."""
        if self.getConfigValue(call, key) != (expected or ""):
            return False
        self.setConfigValue(call, key, value)
        return True

    def getDatabaseUuid(self, call: Call) -> str:
        """What tells this store from others."""
        with call.db.read() as connection:
            return str(connection.scalar(select(STORE.c.value).where(STORE.c.key == "uuid")))

    def getDatabaseTime(self, call: Call) -> object:
        """The store's clock."""
        return rtime(call.now_ms)

    def getServerTime(self, call: Call) -> object:
        """The server's clock."""
        return rtime(call.now_ms)

    def _readable(self, call: Call, key: str) -> bool:
        if _SECRET.search(key) and key in self._server.config and not key.startswith("omero.security."):
            return False
        return call.caller.is_admin or not key.startswith(_FOR_ADMINISTRATORS)
