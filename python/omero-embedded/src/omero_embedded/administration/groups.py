"""Making, changing and deleting groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded.administration.rules import may_change_group, need
from omero_embedded.errors import api_usage, security, validation
from omero_embedded.security import accounts
from omero_embedded.security.directory import GUEST_GROUP, SYSTEM_GROUP, USER_GROUP, changing_directory
from omero_embedded.security.group_permissions import change_permissions

if TYPE_CHECKING:
    from omero_embedded.security.context import Call


def create_group(call: Call, group: Any) -> int:
    """A new group; its id."""
    need(call, "ModifyGroup")
    with changing_directory(call) as connection:
        return accounts.create_group(connection, group)


def update_group(call: Call, group: Any) -> None:
    """Change a group's name and description, and the permissions if its details carry some."""
    may_change_group(call, group)
    if not group.isLoaded():
        raise api_usage("a loaded group is needed, not its id alone")
    permissions = group.details.permissions if group.details is not None else None
    before = call.server.directory.groups.get(group.id.val)
    renamed = before is not None and group.name is not None and group.name.val != before.name
    if renamed and group.id.val == call.write_group:
        raise validation(f"the group {group.id.val} that this call works in cannot be renamed")
    with changing_directory(call) as connection:
        accounts.update_row(connection, "ExperimenterGroup", group, without=("ldap",))
        if permissions is not None:
            change_permissions(connection, call, group.id.val, permissions.getPerm1())


def change_group_permissions(call: Call, instance: Any, permissions: Any) -> None:
    """Change the permission level of a group; SecurityViolation for any other object."""
    if not isinstance(instance, omero.model.ExperimenterGroup):
        raise security("only groups have permissions of their own; objects have those of their group")
    may_change_group(call, instance)
    with changing_directory(call) as connection:
        change_permissions(connection, call, instance.id.val, permissions.getPerm1())


def delete_group(call: Call, group: Any) -> None:
    """Delete a group that holds nothing and is not built in."""
    may_change_group(call, group)
    if group.id.val in (SYSTEM_GROUP, USER_GROUP, GUEST_GROUP):
        raise security("built-in groups stay")
    with changing_directory(call) as connection:
        accounts.delete_group(connection, group.id.val)
