"""CurrentSessionsRequest and UpdateSessionTimeoutRequest: who is logged in, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.cmd
from omero.rtypes import rlong, rstring
from sqlalchemy import update

from omero_embedded.services.session import session_object
from omero_embedded.store.tables import TABLES
from omero_embedded.wire.dispatch import make_call
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session


class CurrentSessionsCommand:
    """Lists open sessions; people who are not administrators see only who the others are."""

    request = "omero.cmd.CurrentSessionsRequest"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Sessions, contexts and data, in the same order."""
        response = omero.cmd.CurrentSessionsResponse([], [], [])
        admin = self._server.service("omero.api.IAdmin")
        for session in self._server.sessions.all():
            context = admin.getEventContext(make_call(self._server, session, {}))
            full = "ReadSession" in call.caller.privileges or session.user_id == call.caller.user_id
            response.sessions.append(session_object(call, session) if full else None)
            response.contexts.append(context if full else _outline(context))
            response.data.append({"referenceCount": rlong(session.references)} if full else {})
        progress(1, 1)
        return response


class UpdateSessionTimeoutCommand:
    """Changes how long a session lives; only administrators can make it live longer than the default."""

    request = "omero.cmd.UpdateSessionTimeoutRequest"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Set the times that were sent."""
        session = self._session(call, request.session)
        idle = request.timeToIdle.val if request.timeToIdle is not None else session.time_to_idle_ms
        live = request.timeToLive.val if request.timeToLive is not None else session.time_to_live_ms
        if not call.caller.is_admin:
            self._check(session, idle, live)
        session.time_to_idle_ms, session.time_to_live_ms = idle, live
        table = TABLES["Session"]
        with call.db.write() as connection:
            connection.execute(
                update(table).where(table.c.id == session.id).values(timetoidle=idle, timetolive=live)
            )
        progress(1, 1)
        return omero.cmd.OK()

    def _session(self, call: Call, key: str) -> Session:
        session = call.session if not key or key == call.session.uuid else self._server.sessions.get(key)
        if session.user_id != call.caller.user_id and not call.caller.is_admin:
            raise CommandError("security-violation", "the session belongs to another user")
        return session

    def _check(self, session: Session, idle: int, live: int) -> None:
        longest = max(session.time_to_idle_ms, self._server.sessions.default_idle_ms)
        if idle <= 0 or idle > longest:
            raise CommandError(
                "non-admin-increase", f"only administrators can set an idle time above {longest} ms"
            )
        if session.time_to_live_ms and (live <= 0 or live > session.time_to_live_ms):
            limit = session.time_to_live_ms
            raise CommandError(
                "non-admin-increase", f"only administrators can set a life time above {limit} ms"
            )


def _outline(context: Any) -> Any:
    """What everybody may know of a session: whose it is, and in which group."""
    return omero.sys.EventContext(
        userId=context.userId,
        userName=context.userName,
        groupId=context.groupId,
        groupName=context.groupName,
        isAdmin=context.isAdmin,
        sessionUuid="",
        eventType="",
        memberOfGroups=[],
        leaderOfGroups=[],
        adminPrivileges=[],
        sudoerName=rstring("") if context.sudoerName is not None else None,
    )
