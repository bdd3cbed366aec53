"""Users, groups and memberships, kept in memory: every call needs them and they rarely change."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from omero_embedded.errors import api_usage
from omero_embedded.store.tables import MAP_TABLES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call

Found = TypeVar("Found")

SYSTEM_GROUP, USER_GROUP, GUEST_GROUP = 0, 1, 2
ROOT_USER, GUEST_USER = 0, 1


@dataclass(frozen=True, slots=True)
class User:
    """One experimenter; groups in the order of membership, the first is the default group."""

    id: int
    name: str
    groups: tuple[int, ...]
    leads: tuple[int, ...]
    config: Mapping[str, str]

    @property
    def default_group(self) -> int | None:
        """The first group that is not the one every user is in."""
        return next((group for group in self.groups if group != USER_GROUP), None)


@dataclass(frozen=True, slots=True)
class Group:
    """One group: its name and permission number."""

    id: int
    name: str
    perm: int


@dataclass(frozen=True, slots=True)
class Directory:
    """A snapshot of all users and groups."""

    users: Mapping[int, User]
    groups: Mapping[int, Group]

    user_group: int = USER_GROUP
    # What privileges on files call the repositories of managed files and of scripts, by the uuid.
    repositories: Mapping[str, str] = field(default_factory=dict)

    def permissions(self, group_id: int) -> int:
        """The permission number of a group; private for an unknown one."""
        group = self.groups.get(group_id)
        return group.perm if group else PRIVATE_PERM

    def user_named(self, name: str) -> User | None:
        """The user with this login name."""
        return next((user for user in self.users.values() if user.name == name), None)

    def group_named(self, name: str) -> Group | None:
        """The group with this name."""
        return next((group for group in self.groups.values() if group.name == name), None)

    def user(self, user_id: int) -> User:
        """The user with this id; ApiUsageException if there is none."""
        return _existing(self.users.get(user_id), f"user {user_id}")

    def group(self, group_id: int) -> Group:
        """The group with this id; ApiUsageException if there is none."""
        return _existing(self.groups.get(group_id), f"group {group_id}")

    def existing_user(self, name: str) -> User:
        """The user with this login name; ApiUsageException if there is none."""
        return _existing(self.user_named(name), f"user {name!r}")

    def existing_group(self, name: str) -> Group:
        """The group with this name; ApiUsageException if there is none."""
        return _existing(self.group_named(name), f"group {name!r}")


def _existing(found: Found | None, what: str) -> Found:
    if found is None:
        raise api_usage(f"there is no {what}")
    return found


@contextmanager
def changing_directory(call: Call) -> Iterator[Connection]:
    """A transaction after which users and groups are read again."""
    with call.db.write() as connection:
        yield connection
    call.server.forget_directory()


PRIVATE_PERM = -120  # rw----


def read_directory(connection: Connection) -> Directory:
    """Read all users, groups and memberships."""
    membership = TABLES["GroupExperimenterMap"]
    groups_of: dict[int, list[int]] = {}
    leads: dict[int, list[int]] = {}
    order = (membership.c.child, membership.c.child_index, membership.c.id)
    for row in connection.execute(select(membership).order_by(*order)).mappings():
        groups_of.setdefault(row["child"], []).append(row["parent"])
        if row["owner"]:
            leads.setdefault(row["child"], []).append(row["parent"])
    config: dict[int, dict[str, str]] = {}
    for owner, _, name, value in connection.execute(select(MAP_TABLES["Experimenter", "config"])):
        config.setdefault(owner, {})[name] = value
    people = TABLES["Experimenter"]
    users = {
        row.id: User(
            row.id,
            row.omename,
            tuple(groups_of.get(row.id, ())),
            tuple(leads.get(row.id, ())),
            config.get(row.id, {}),
        )
        for row in connection.execute(select(people.c.id, people.c.omename))
    }
    table = TABLES["ExperimenterGroup"]
    rows = connection.execute(select(table.c.id, table.c.name, table.c.permissions))
    groups = {row.id: Group(row.id, row.name, row.permissions) for row in rows}
    return Directory(users, groups, repositories=_read_repositories(connection))


def _read_repositories(connection: Connection) -> dict[str, str]:
    """Of the repositories only the public one has a description that lies in none."""
    files = TABLES["OriginalFile"].c
    described = select(files.hash).where(files.mimetype == "Repository", files.repo == files.hash)
    return {
        key: key if key == "ScriptRepo" else "ManagedRepo" for key in connection.scalars(described) if key
    }
