"""Experimenters and groups as omero.model objects, with their memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.model import ExperimenterGroupI, ExperimenterI, GroupExperimenterMapI, NamedValue, PermissionsI
from omero.rtypes import rbool, rint, rstring
from sqlalchemy import select

from omero_embedded.security.movable import told
from omero_embedded.security.permissions import permissions_of, rights
from omero_embedded.store.tables import MAP_TABLES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, RowMapping

    from omero_embedded.security.context import Call

_TEXTS = {
    "omename": "omeName",
    "firstname": "firstName",
    "middlename": "middleName",
    "lastname": "lastName",
    "institution": "institution",
    "email": "email",
}


class People:
    """All users, groups and memberships of one moment, built into objects on demand.

    A user comes with its memberships and their groups, a group with its memberships and their users.
    """

    def __init__(self, call: Call, connection: Connection) -> None:
        self._call = call
        self._users = _by_id(connection, "Experimenter")
        self._groups = _by_id(connection, "ExperimenterGroup")
        membership = TABLES["GroupExperimenterMap"]
        ordered = select(membership).order_by(membership.c.child, membership.c.child_index, membership.c.id)
        self._memberships = connection.execute(ordered).mappings().all()
        self._user_config = _config(connection, "Experimenter")
        self._group_config = _config(connection, "ExperimenterGroup")

    def users(self, ids: Iterable[int]) -> list[Any]:
        """These users, with their groups."""
        found = {user_id: self._user(self._users[user_id]) for user_id in ids}
        groups: dict[int, Any] = {}
        for row in self._memberships:
            if row["child"] in found:
                group = groups.get(row["parent"]) or groups.setdefault(
                    row["parent"], self._group(self._groups[row["parent"]])
                )
                _join(row, group, found[row["child"]])
        for group in groups.values():
            group.unloadGroupExperimenterMap()
        return list(found.values())

    def groups(self, ids: Iterable[int]) -> list[Any]:
        """These groups, with their users."""
        found = {group_id: self._group(self._groups[group_id]) for group_id in ids}
        users: dict[int, Any] = {}
        for row in self._memberships:
            if row["parent"] in found:
                user = users.get(row["child"]) or users.setdefault(
                    row["child"], self._user(self._users[row["child"]])
                )
                _join(row, found[row["parent"]], user)
        for user in users.values():
            user.unloadGroupExperimenterMap()
        return list(found.values())

    def user_ids(self) -> list[int]:
        """Ids of all users."""
        return sorted(self._users)

    def group_ids(self) -> list[int]:
        """Ids of all groups."""
        return sorted(self._groups)

    def members(self, group_id: int) -> list[int]:
        """Ids of a group's users."""
        return [row["child"] for row in self._memberships if row["parent"] == group_id]

    def _user(self, row: Mapping[str, Any]) -> Any:
        user = ExperimenterI(row["id"], True)
        for column, name in _TEXTS.items():
            setattr(user, name, None if row[column] is None else rstring(row[column]))
        user.ldap = rbool(bool(row["ldap"]))
        user.config = [NamedValue(name, value) for name, value in self._user_config.get(row["id"], ())]
        user.version = rint(row.get("version") or 0)
        user.unloadAnnotationLinks()
        user.details.permissions = permissions_of(
            -120, told(rights(self._call.caller, row["id"], 0), "Experimenter")
        )
        return user

    def _group(self, row: Mapping[str, Any]) -> Any:
        group = ExperimenterGroupI(row["id"], True)
        group.name = rstring(row["name"])
        group.description = None if row["description"] is None else rstring(row["description"])
        group.ldap = rbool(bool(row["ldap"]))
        group.config = [NamedValue(name, value) for name, value in self._group_config.get(row["id"], ())]
        group.version = rint(row.get("version") or 0)
        group.unloadAnnotationLinks()
        group.details.permissions = PermissionsI(row["permissions"])
        group.details.permissions._restrictions = _group_restrictions(self._call, row["id"])  # noqa: SLF001
        return group


def _group_restrictions(call: Call, group_id: int) -> list[bool]:
    """Groups are edited by their owners and by administrators who may."""
    may = "ModifyGroup" in call.caller.privileges or group_id in call.caller.leader_of
    return [not may, not may, "ModifyGroup" not in call.caller.privileges, False, True, True]


def _join(row: RowMapping, group: Any, user: Any) -> None:
    made = GroupExperimenterMapI(row["id"], True)
    made.owner = rbool(bool(row["owner"]))
    made.version = rint(row.get("version") or 0)
    group.addGroupExperimenterMap(made, False)
    user.addGroupExperimenterMap(made, False)
    made.parent, made.child = group, user


def _by_id(connection: Connection, name: str) -> dict[int, Mapping[str, Any]]:
    table = TABLES[name]
    return {row["id"]: dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()}


def _config(connection: Connection, name: str) -> dict[int, list[tuple[str, str]]]:
    table = MAP_TABLES[name, "config"]
    found: dict[int, list[tuple[str, str]]] = {}
    for owner, _, key, value in connection.execute(
        select(table).order_by(table.c.owner_id, table.c.position)
    ):
        found.setdefault(owner, []).append((key, value))
    return found
