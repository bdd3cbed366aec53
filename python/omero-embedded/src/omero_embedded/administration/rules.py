"""Who may change which users and groups; SecurityViolation to who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded.errors import security
from omero_embedded.security.directory import SYSTEM_GROUP
from omero_embedded.security.privileges import privileges_in_system
from omero_embedded.updates.graph import required_id

if TYPE_CHECKING:
    from omero_embedded.security.context import Call


def need(call: Call, privilege: str) -> None:
    """Only administrators with the privilege may."""
    if privilege not in call.caller.privileges:
        raise security(f"{call.caller.user_name} lacks the privilege {privilege}")


def no_more_than_own(call: Call, privileges: set[str] | frozenset[str]) -> None:
    """Light administrators give nobody privileges, or a password to use them, that they do not have."""
    beyond = privileges - call.caller.privileges
    if beyond:
        raise security(f"{call.caller.user_name} lacks the privileges {', '.join(sorted(beyond))}")


def may_change_user(call: Call, user: Any) -> None:
    """Only administrators change others, and only users that there are."""
    need(call, "ModifyUser")
    call.server.directory.user(required_id(user, "the user"))


def may_change_group(call: Call, group: Any, privilege: str = "ModifyGroup") -> None:
    """The owners of a group may, and administrators with the privilege."""
    if required_id(group, "the group") not in call.caller.leader_of:
        need(call, privilege)


def may_place(call: Call, groups: list[Any], user_ids: list[int]) -> None:
    """The owners of the groups may change who is in them; who comes to `system` gets no more than the caller has."""
    for group in groups:
        may_change_group(call, group, "ModifyGroupMembership")
        if group.id.val == SYSTEM_GROUP:
            for user_id in user_ids:
                no_more_than_own(call, privileges_in_system(call.server.directory.user(user_id)))
