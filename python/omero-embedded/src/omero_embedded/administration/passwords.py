"""Changing passwords, the own one and others'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded.administration.rules import need, no_more_than_own
from omero_embedded.errors import api_usage, not_supported, security
from omero_embedded.security.directory import SYSTEM_GROUP
from omero_embedded.security.login import need_password, set_password
from omero_embedded.security.people import People
from omero_embedded.security.privileges import privileges_of
from omero_embedded.updates.events import log, new_event

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from omero_embedded.security.context import Call


def store_password(connection: Connection, call: Call, user_id: int, password: str | None) -> None:
    """Store a password, None for none, and record that it was changed."""
    set_password(connection, user_id, password)
    log(connection, new_event(connection, call), [("PASSWORD", "Experimenter", user_id)])


def change_own_password(call: Call, password: Any) -> None:
    """Change the caller's password, where the caller has proved to know it."""
    need_password(call)
    _change(call, call.caller.user_id, password)


def replace_own_password(call: Call, old: Any, password: Any) -> None:
    """Change the caller's password, which the caller proves to know by sending it."""
    if old is None or not call.server.login.password_matches(call.caller.user_id, old.val):
        raise security("the old password is wrong")
    _change(call, call.caller.user_id, password)


def change_password_of(call: Call, name: str, password: Any) -> None:
    """Change somebody's password, where the caller has proved to know the own one."""
    need_password(call)
    user = call.server.directory.existing_user(name)
    need(call, "ModifyUser")
    no_more_than_own(call, privileges_of(user))
    _change(call, user.id, password)


def _change(call: Call, user_id: int, password: Any) -> None:
    """Null leaves the user without a password, so that nobody logs in with one."""
    if password is not None and not password.val:
        raise api_usage("the new password must not be empty")
    with call.db.write() as connection:
        store_password(connection, call, user_id, None if password is None else password.val)


def report_forgotten_password(call: Call, name: str, email: str) -> None:
    """Say why no new password is mailed: it is the wrong address, an administrator, or for want of mail."""
    user = call.server.directory.user_named(name)
    if user is None:
        raise security("Unknown user.")
    with call.db.read() as connection:
        address = People(call, connection).users([user.id])[0].email
    if address is None or not address.val:
        raise security("User has no email address.")
    if address.val != email:
        raise security("Email address does not match.")
    if SYSTEM_GROUP in user.groups:
        raise api_usage(
            "Cannot reset password of administrators. Have another administrator set the new password."
        )
    raise not_supported("mail; the password was not changed, an administrator can set a new one")
