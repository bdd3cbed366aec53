"""ISession: opening sessions for others, closing them, and the values they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rlong, rstring, rtime

from omero_embedded.errors import api_usage, removed_session, security
from omero_embedded.model.objects import proxy
from omero_embedded.security.login import need_password
from omero_embedded.security.permissions import PRIVATE, perm_long

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.security.directory import User
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session


class SessionService:
    """Serves omero.api.ISession."""

    interface = "omero.api.ISession"

    def __init__(self, server: Server) -> None:
        self._server = server

    def createSession(self, call: Call, principal: Any, password: str) -> Any:
        """A session for a user and password."""
        user = self._user(principal)
        if not self._server.login.password_matches(user.id, password):
            raise security("wrong user name or password")
        return self._open(call, principal, user)

    def createUserSession(self, call: Call, live_ms: int, idle_ms: int, group: str) -> Any:
        """Another session of the caller's, with its own times; for who has logged in with a password."""
        need_password(call)
        user = self._server.directory.users[call.caller.user_id]
        group_id = self._server.login.group_of(user, group) if group else call.caller.group_id
        opened = self._server.sessions.open(
            user,
            group_id,
            sudoer_id=call.session.sudoer_id,
            time_to_live_ms=live_ms,
            time_to_idle_ms=idle_ms,
        )
        return session_object(call, opened)

    def createSessionWithTimeout(self, call: Call, principal: Any, live_ms: int) -> Any:
        """A session as somebody else (sudo) that lives this long; 0 for the default."""
        return self.createSessionWithTimeouts(call, principal, live_ms, self._server.sessions.default_idle_ms)

    def createSessionWithTimeouts(self, call: Call, principal: Any, live_ms: int, idle_ms: int) -> Any:
        """A session as somebody else (sudo) with both its times."""
        user = self._user(principal)
        sudoer = call.caller.user_id if call.session.sudoer_id is None else call.session.sudoer_id
        self._may_become(call, user, self._server.login.group_of(user, principal.group or ""))
        return self._open(call, principal, user, live_ms, idle_ms, sudoer_id=sudoer)

    def _may_become(self, call: Call, user: User, group: int) -> None:
        """Administrators become anybody, owners of a group its members, in that group."""
        caller = call.caller
        if "Sudo" not in caller.privileges and group not in caller.leader_of:
            raise security(
                f"{caller.user_name} may not become {user.name} in group {group}: that needs the privilege Sudo, "
                "or to own the group"
            )

    def _open(
        self,
        call: Call,
        principal: Any,
        user: User,
        live_ms: int = 0,
        idle_ms: int | None = None,
        sudoer_id: int | None = None,
    ) -> Any:
        group = self._server.login.group_of(user, principal.group or "")
        opened = self._server.sessions.open(
            user,
            group,
            sudoer_id=sudoer_id,
            time_to_live_ms=live_ms,
            time_to_idle_ms=idle_ms,
            event_type=principal.eventType or "User",
        )
        return session_object(call, opened)

    def _user(self, principal: Any) -> User:
        if principal is None or not principal.name:
            raise api_usage("a session needs a principal with the user's name")
        user = self._server.directory.user_named(principal.name)
        if user is None:
            raise security(f"there is no user {principal.name}")
        return user

    def getSession(self, call: Call, key: str) -> Any:
        """The open session with this key."""
        return session_object(call, self._open_session(call, key))

    def getReferenceCount(self, call: Call, key: str) -> int:
        """How many clients use the session."""
        return self._open_session(call, key).references

    def closeSession(self, call: Call, session: Any) -> int:
        """One user of the session less; returns how many are left, or -2 when it was closed already."""
        if session is None or not session.isLoaded() or session.getUuid() is None:
            raise api_usage("closeSession takes a loaded session with its uuid")
        try:
            found = self._open_session(call, session.getUuid().getValue())
        except type(removed_session("")):
            return -2
        left = self._server.sessions.release(found)
        return left if left > 0 else -2

    def getMyOpenSessions(self, call: Call) -> list[Any]:
        """The caller's open sessions."""
        mine = [session for session in self._server.sessions.all() if session.user_id == call.caller.user_id]
        return [session_object(call, session) for session in mine]

    def getMyOpenAgentSessions(self, call: Call, agent: str) -> list[Any]:
        """The caller's open sessions of one program."""
        return [
            found
            for found in self.getMyOpenSessions(call)
            if found.userAgent is not None and found.userAgent.val == agent
        ]

    def getMyOpenClientSessions(self, call: Call) -> list[Any]:
        """The caller's open sessions of the program that asks."""
        return self.getMyOpenAgentSessions(call, call.session.agent)

    def _open_session(self, call: Call, key: str) -> Session:
        session = self._server.sessions.get(key)
        if (
            session.user_id != call.caller.user_id
            and "ReadSession" not in call.caller.privileges
            and session.sudoer_id != call.caller.user_id
        ):
            raise security("this session belongs to somebody else")
        return session

    # Values that programs leave for each other

    def getInput(self, call: Call, key: str, name: str) -> Any:
        """One input value."""
        return self._open_session(call, key).inputs.get(name)

    def getOutput(self, call: Call, key: str, name: str) -> Any:
        """One output value."""
        return self._open_session(call, key).outputs.get(name)

    def setInput(self, call: Call, key: str, name: str, value: Any) -> None:
        """Set an input value; None removes it."""
        _put(self._open_session(call, key).inputs, name, value)

    def setOutput(self, call: Call, key: str, name: str, value: Any) -> None:
        """Set an output value; None removes it."""
        _put(self._open_session(call, key).outputs, name, value)

    def getInputKeys(self, call: Call, key: str) -> list[str]:
        """Names of the input values."""
        return list(self._open_session(call, key).inputs)

    def getOutputKeys(self, call: Call, key: str) -> list[str]:
        """Names of the output values."""
        return list(self._open_session(call, key).outputs)

    def getInputs(self, call: Call, key: str) -> dict[str, Any]:
        """All input values."""
        return dict(self._open_session(call, key).inputs)

    def getOutputs(self, call: Call, key: str) -> dict[str, Any]:
        """All output values."""
        return dict(self._open_session(call, key).outputs)


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def session_object(call: Call, session: Session) -> Any:
    """The omero.model.Session of an open session."""
    made = omero.model.SessionI(session.id, True)
    made.uuid = rstring(session.uuid)
    made.owner = proxy("Experimenter", session.user_id)
    made.sudoer = proxy("Experimenter", session.sudoer_id) if session.sudoer_id is not None else None
    made.node = proxy("Node", 0)
    made.timeToIdle = rlong(session.time_to_idle_ms)
    made.timeToLive = rlong(session.time_to_live_ms)
    made.started = rtime(session.started_ms)
    made.userAgent = rstring(session.agent)
    made.userIP = rstring(session.ip)
    made.defaultEventType = rstring(session.event_type)
    made.message = rstring("")
    details = made.details
    details.owner = proxy("Experimenter", session.user_id)
    details.group = _group(call, session.group_id)
    details.permissions = omero.model.PermissionsI(perm_long(PRIVATE))
    return made


def _group(call: Call, group_id: int) -> Any:
    group = omero.model.ExperimenterGroupI(group_id, True)
    known = call.caller.directory.groups[group_id]
    group.name = rstring(known.name)
    group.details.permissions = omero.model.PermissionsI(known.perm)
    group.unloadGroupExperimenterMap()
    group.unloadAnnotationLinks()
    return group
