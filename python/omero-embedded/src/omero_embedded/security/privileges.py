"""Privileges of administrators; light administrators have some of them.

A light administrator is a member of the system group whose `AdminPrivilege:<name>` configuration is "false" for what
is withheld, as OMERO.server stores it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded.security.directory import ROOT_USER, SYSTEM_GROUP

if TYPE_CHECKING:
    from omero_embedded.security.directory import User

PRIVILEGES = (
    "Chgrp",
    "Chown",
    "DeleteFile",
    "DeleteManagedRepo",
    "DeleteOwned",
    "DeleteScriptRepo",
    "ModifyGroup",
    "ModifyGroupMembership",
    "ModifyUser",
    "ReadSession",
    "Sudo",
    "WriteFile",
    "WriteManagedRepo",
    "WriteOwned",
    "WriteScriptRepo",
)
CONFIG_PREFIX = "AdminPrivilege:"


def privileges_of(user: User) -> frozenset[str]:
    """The privileges of a user; none for who is not an administrator."""
    return privileges_in_system(user) if SYSTEM_GROUP in user.groups else frozenset()


def privileges_in_system(user: User) -> frozenset[str]:
    """The privileges that a user has or would have as a member of the group `system`."""
    if user.id == ROOT_USER:
        return frozenset(PRIVILEGES)
    return frozenset(
        name for name in PRIVILEGES if user.config.get(CONFIG_PREFIX + name, "true").lower() != "false"
    )
