"""Making, changing and deleting users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded.administration.passwords import store_password
from omero_embedded.administration.rules import may_change_user, need, no_more_than_own
from omero_embedded.errors import security
from omero_embedded.security import accounts
from omero_embedded.security.directory import (
    GUEST_USER,
    ROOT_USER,
    SYSTEM_GROUP,
    USER_GROUP,
    changing_directory,
)
from omero_embedded.security.privileges import PRIVILEGES, privileges_of
from omero_embedded.updates.graph import required_id

if TYPE_CHECKING:
    from omero_embedded.security.context import Call

_NOT_OWN_TO_CHANGE = ("omename", "ldap")
_NOT_TO_CHANGE = ("ldap",)


def create_user(
    call: Call, user: Any, groups: list[int], password: Any = None, privileges: set[str] | None = None
) -> int:
    """A new user of these groups, the default group first, and of the group `user`; the id.

    Who owns all of the groups makes users in them, too. Members of `system` get all privileges where none are named.
    """
    if not set(groups) - {USER_GROUP} <= set(call.caller.leader_of):
        need(call, "ModifyUser")
    if SYSTEM_GROUP in groups:
        no_more_than_own(call, set(PRIVILEGES) if privileges is None else privileges)
    groups = [call.server.directory.group(group).id for group in (*groups, USER_GROUP)]
    with changing_directory(call) as connection:
        user_id = accounts.create_user(connection, user, groups)
        if password is not None and password.val:
            store_password(connection, call, user_id, password.val)
        if privileges is not None:
            accounts.set_privileges(connection, user_id, privileges, PRIVILEGES)
    return user_id


def update_self(call: Call, user: Any) -> None:
    """Change the caller's own names and addresses, but not the login name."""
    if required_id(user, "the user") != call.caller.user_id:
        raise security("updateSelf changes the caller only")
    with changing_directory(call) as connection:
        accounts.update_row(connection, "Experimenter", user, without=_NOT_OWN_TO_CHANGE)


def update_user(call: Call, user: Any) -> None:
    """Change a user's names and addresses; who lacks the privilege changes the own ones, but for the login name."""
    if "ModifyUser" not in call.caller.privileges and required_id(user, "the user") == call.caller.user_id:
        update_self(call, user)
        return
    may_change_user(call, user)
    with changing_directory(call) as connection:
        accounts.update_row(connection, "Experimenter", user, without=_NOT_TO_CHANGE)


def update_user_with_password(call: Call, user: Any, password: Any) -> None:
    """Change a user's names and addresses, and the password unless it is null or empty."""
    may_change_user(call, user)
    no_more_than_own(call, privileges_of(call.server.directory.user(user.id.val)))
    with changing_directory(call) as connection:
        accounts.update_row(connection, "Experimenter", user, without=_NOT_TO_CHANGE)
        if password is not None and password.val:
            store_password(connection, call, user.id.val, password.val)


def delete_user(call: Call, user: Any) -> None:
    """Delete a user who owns nothing and is not built in."""
    may_change_user(call, user)
    if user.id.val in (ROOT_USER, GUEST_USER):
        raise security("built-in users stay")
    with changing_directory(call) as connection:
        accounts.delete_user(connection, user.id.val)
