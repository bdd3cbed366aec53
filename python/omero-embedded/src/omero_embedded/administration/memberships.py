"""Who is in which group, who owns it, and where sessions start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded.administration.rules import may_place, need
from omero_embedded.errors import api_usage, validation
from omero_embedded.security import accounts
from omero_embedded.security.directory import ROOT_USER, SYSTEM_GROUP, USER_GROUP, changing_directory
from omero_embedded.updates.graph import required_id

if TYPE_CHECKING:
    from omero_embedded.security.context import Call


def group_ids(groups: list[Any]) -> list[int]:
    """The ids of groups; ApiUsageException for null and for groups without one."""
    return [required_id(group, "a group") for group in groups]


def add_to_groups(call: Call, user: Any, groups: list[Any]) -> None:
    """Make the user a member of more groups."""
    if not groups:
        raise validation("there is no group to add the user to")
    user_id, wanted = required_id(user, "the user"), group_ids(groups)
    may_place(call, groups, [user_id])
    with changing_directory(call) as connection:
        accounts.add_to_groups(connection, user_id, wanted)


def remove_from_groups(call: Call, user: Any, groups: list[Any]) -> None:
    """End memberships, but for those that would lock the caller or root out."""
    user_id, left = required_id(user, "the user"), group_ids(groups)
    may_place(call, groups, [user_id])
    if {SYSTEM_GROUP, USER_GROUP} & set(left) and user_id in (ROOT_USER, call.caller.user_id):
        raise validation("nobody leaves the groups `system` and `user` by themselves, and root never does")
    with changing_directory(call) as connection:
        accounts.remove_from_groups(connection, user_id, left)


def set_default_group(call: Call, user: Any, group: Any) -> None:
    """Say where the user's sessions start."""
    user_id, group_id = required_id(user, "the user"), required_id(group, "the group")
    if user_id != call.caller.user_id:
        need(call, "ModifyUser")
    if group_id == USER_GROUP:
        raise api_usage("the group `user`, in which everybody is, is nobody's default group")
    with changing_directory(call) as connection:
        accounts.set_default_group(connection, user_id, group_id)


def set_owners(call: Call, group: Any, users: list[Any], *, owner: bool) -> None:
    """Make the users owners of the group, or mere members."""
    user_ids = [required_id(user, "a user") for user in users]
    may_place(call, [group], user_ids)
    with changing_directory(call) as connection:
        for user_id in user_ids:
            accounts.set_owner(connection, user_id, group.id.val, owner=owner)
