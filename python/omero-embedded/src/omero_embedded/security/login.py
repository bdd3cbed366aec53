"""Logging in: with name and password, or with the key of an open session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import Glacier2
from sqlalchemy import delete, insert, select, update

from omero_embedded.errors import removed_session, security
from omero_embedded.security.directory import SYSTEM_GROUP
from omero_embedded.security.passwords import hash_password, matches
from omero_embedded.security.permissions import WORLD_READ
from omero_embedded.store.tables import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.security.directory import User
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session


class Login:
    """Checks passwords and opens sessions."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def session(self, name: str, password: str, context: Mapping[str, str], ip: str) -> Session:
        """The session to use.

        Raises Glacier2.PermissionDeniedException, which says no more than a stranger should know, and
        Glacier2.CannotCreateSessionException to a user who has no such group.
        """
        sessions = self._server.sessions
        user = self._server.directory.user_named(name) if name else None
        if name == password or _looks_like_key(name):
            try:
                return sessions.join(name)
            except type(removed_session("")):
                # People may be called like a key, or have their name as password.
                if user is None and _looks_like_key(name):
                    raise Glacier2.PermissionDeniedException(f"no open session {name[:8]}…") from None
        if user is None:
            # A password that is a session key joins that session, whatever the name.
            if _looks_like_key(password):
                return self.session(password, password, context, ip)
            raise Glacier2.PermissionDeniedException("wrong user name or password")
        if not self.password_matches(user.id, password):
            raise Glacier2.PermissionDeniedException("wrong user name or password")
        return sessions.open(
            user,
            self.group_of(user, context.get("omero.group", "")),
            agent=context.get("omero.agent", ""),
            ip=context.get("omero.ip", "") or ip,
        )

    def group_of(self, user: User, wanted: str) -> int:
        """The group a new session starts in: the wanted one (id or name) or the user's default.

        Raises Glacier2.CannotCreateSessionException.
        """
        directory = self._server.directory
        if wanted:
            group = (
                directory.groups.get(int(wanted))
                if wanted.lstrip("-").isdigit()
                else directory.group_named(wanted)
            )
            if group is None or not (
                group.id in user.groups or SYSTEM_GROUP in user.groups or group.perm & WORLD_READ
            ):
                raise Glacier2.CannotCreateSessionException(f"{user.name} is not a member of group {wanted}")
            return group.id
        default = user.default_group
        if default is None:
            raise Glacier2.CannotCreateSessionException(
                f"{user.name} is in no group; an administrator can add the user to one"
            )
        return default

    def password_matches(self, user_id: int, password: str) -> bool:
        """Whether this is the user's password."""
        with self._server.db.read() as connection:
            stored = connection.scalar(select(PASSWORD.c.hash).where(PASSWORD.c.experimenter_id == user_id))
        return stored is not None and matches(password, stored)


def set_password(connection: Connection, user_id: int, password: str | None) -> None:
    """Store the password's hash; None takes the password away."""
    if password is None:
        connection.execute(delete(PASSWORD).where(PASSWORD.c.experimenter_id == user_id))
        return
    digest = hash_password(password)
    changed = connection.execute(
        update(PASSWORD).where(PASSWORD.c.experimenter_id == user_id).values(hash=digest)
    )
    if changed.rowcount == 0:
        connection.execute(insert(PASSWORD).values(experimenter_id=user_id, hash=digest))


def need_password(call: Call) -> None:
    """Raise SecurityViolation where the client has joined a session and not shown the user's password."""
    attachment = None if call.connection is None else call.server.attachments.find(call.connection)
    if attachment is None or not attachment.knows_password:
        raise security(
            "this needs a log-in with the password; prove that you know it with ServiceFactory.setSecurityPassword"
        )


def _looks_like_key(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
