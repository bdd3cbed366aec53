"""Making sure that the person at the keyboard is who logged in, also without a password.

A password is tried on the OMERO server. People who come through another provider have none there; for them a login
that is only minutes old proves the same, since somebody else at an open browser can't log in.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from omeroweb.connector import Connector

from omero_plugin_common.web.errors import UserError

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

USER_AGENT = "OMERO.web OMP plugin"


def confirm_identity(request: HttpRequest, caller: Caller, password: str | None, fresh_seconds: int) -> None:
    """Raise UserError 403 unless the password is right, or there is none and the login is fresh."""
    if password:
        if not password_is_right(request, caller.owner.username, password):
            raise UserError("The password is wrong.", status=403)
        return
    if login_age_seconds(caller.conn) > fresh_seconds:
        raise UserError(
            "Type your password to confirm. If you have none because you log in through another provider, log out, "
            f"log in again and come back within {max(1, fresh_seconds // 60)} minutes.",
            status=403,
        )


def password_is_right(request: HttpRequest, username: str, password: str) -> bool:
    """Try the password with a session of its own, which is closed at once."""
    connector = Connector.from_session(request)
    if connector is None:
        return False
    gateway = connector.create_gateway(USER_AGENT, username, password)
    try:
        return bool(gateway.connect())
    finally:
        gateway.close()


def login_age_seconds(conn: Any) -> float:
    """How long ago the OMERO session of this login began."""
    session = conn.c.sf.getSessionService().getSession(conn.getEventContext().sessionUuid)
    return time.time() - float(session.started.val) / 1000
