"""Privileges of administrators as AdminPrivilege objects, and granting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.model import AdminPrivilegeI
from omero.rtypes import rstring
from sqlalchemy import select

from omero_embedded.administration.rules import may_change_user, no_more_than_own
from omero_embedded.errors import api_usage
from omero_embedded.security import accounts
from omero_embedded.security.directory import ROOT_USER, changing_directory
from omero_embedded.security.privileges import PRIVILEGES, privileges_of
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from omero_embedded.security.context import Call


def names_of(privileges: list[Any] | None) -> set[str]:
    """The names of AdminPrivilege objects; ApiUsageException for objects without one, and for unknown names."""
    given = [privilege for privilege in privileges or [] if privilege is not None]
    if any(not privilege.isLoaded() or privilege.value is None for privilege in given):
        raise api_usage("a privilege without its value; AdminPrivilege objects are told apart by that")
    names = {privilege.value.val for privilege in given}
    unknown = names - set(PRIVILEGES)
    if unknown:
        raise api_usage(f"no such privilege: {', '.join(sorted(unknown))}; there are {', '.join(PRIVILEGES)}")
    return names


def privilege_objects(call: Call, names: frozenset[str]) -> list[Any]:
    """The AdminPrivilege objects with these names, by id."""
    table = TABLES["AdminPrivilege"]
    named = select(table.c.id, table.c.value).where(table.c.value.in_(sorted(names))).order_by(table.c.id)
    with call.db.read() as connection:
        rows = connection.execute(named).all()
    made = []
    for object_id, name in rows:
        privilege = AdminPrivilegeI(object_id, True)
        privilege.value = rstring(name)
        made.append(privilege)
    return made


def set_privileges(call: Call, user: Any, privileges: list[Any]) -> None:
    """Say what the user may do as an administrator; nobody grants what they lack, and root keeps everything."""
    may_change_user(call, user)
    granted = names_of(privileges)
    no_more_than_own(call, granted - privileges_of(call.server.directory.user(user.id.val)))
    if user.id.val == ROOT_USER and granted != set(PRIVILEGES):
        raise api_usage("privileges cannot be taken from root")
    with changing_directory(call) as connection:
        accounts.set_privileges(connection, user.id.val, granted, PRIVILEGES)
