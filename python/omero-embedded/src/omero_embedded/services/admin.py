"""IAdmin: users, groups, memberships and who is logged in."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.model import AdminPrivilegeI
from omero.rtypes import rlist, rstring
from sqlalchemy import select

from omero_embedded.errors import api_usage, not_supported, security, validation
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security import accounts
from omero_embedded.security.directory import (
    GUEST_GROUP,
    GUEST_USER,
    ROOT_USER,
    SYSTEM_GROUP,
    USER_GROUP,
    User,
)
from omero_embedded.security.event_context import event_context
from omero_embedded.security.group_permissions import change_permissions
from omero_embedded.security.login import need_password, set_password
from omero_embedded.security.people import People
from omero_embedded.security.permissions import file_kind, rights_on
from omero_embedded.security.privileges import PRIVILEGES, privileges_in_system, privileges_of
from omero_embedded.services.object_details import give_to, move_to, move_to_common_space
from omero_embedded.services.photos import photos, save_photo
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.graph import required_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_OWN_COLUMNS = ("omename", "ldap")


class AdminService:
    """Serves omero.api.IAdmin."""

    interface = "omero.api.IAdmin"

    def __init__(self, server: Server) -> None:
        self._server = server

    # Who is who

    def getEventContext(self, call: Call) -> Any:
        """The caller as the server sees it."""
        return event_context(call)

    def getSecurityRoles(self, call: Call) -> Any:
        """Ids and names of the built-in users and groups."""
        return omero.sys.Roles(
            rootId=ROOT_USER, rootName="root", guestId=GUEST_USER, guestName="guest",
            systemGroupId=SYSTEM_GROUP, systemGroupName="system", userGroupId=USER_GROUP, userGroupName="user",
            guestGroupId=GUEST_GROUP, guestGroupName="guest",
        )  # fmt: skip

    def canUpdate(self, call: Call, instance: Any) -> bool:
        """Whether the caller may change the object."""
        object_id = required_id(instance, "the object")
        table = TABLES[_root_of(instance)]
        with call.db.read() as connection:
            row = connection.execute(select(table).where(table.c.id == object_id)).mappings().first()
        if row is None or "details_owner" not in row:
            return call.caller.is_admin
        name = row.get("discriminator", _root_of(instance))
        kind = file_kind(_root_of(instance), dict(row))
        return rights_on(call.caller, name, row["details_owner"], row["details_group"], kind).edit

    # Users

    def getExperimenter(self, call: Call, user_id: int) -> Any:
        """The user with this id."""
        return self._users(call, [self._user(user_id).id])[0]

    def lookupExperimenter(self, call: Call, name: str) -> Any:
        """The user with this login name."""
        user = self._server.directory.user_named(name)
        if user is None:
            raise api_usage(f"there is no user {name!r}")
        return self._users(call, [user.id])[0]

    def lookupExperimenters(self, call: Call) -> list[Any]:
        """All users."""
        with call.db.read() as connection:
            people = People(call, connection)
            return people.users(people.user_ids())

    def containedExperimenters(self, call: Call, group_id: int) -> list[Any]:
        """The users of a group."""
        with call.db.read() as connection:
            people = People(call, connection)
            return people.users(people.members(group_id))

    def createUser(self, call: Call, user: Any, default_group: str) -> int:
        """A user of the named group, with no password."""
        group = self._server.directory.group_named(default_group)
        if group is None:
            raise api_usage(f"there is no group {default_group!r}")
        return self._create(call, user, [group.id, USER_GROUP])

    def createSystemUser(self, call: Call, user: Any) -> int:
        """An administrator with all privileges, with no password."""
        return self._create(call, user, [SYSTEM_GROUP, USER_GROUP])

    def createRestrictedSystemUser(self, call: Call, user: Any, privileges: list[Any]) -> int:
        """An administrator with some privileges, with no password."""
        return self._create(call, user, [SYSTEM_GROUP, USER_GROUP], privileges=_names(privileges))

    def createRestrictedSystemUserWithPassword(
        self, call: Call, user: Any, privileges: list[Any], password: Any
    ) -> int:
        """An administrator with some privileges."""
        return self._create(call, user, [SYSTEM_GROUP, USER_GROUP], password, _names(privileges))

    def createExperimenter(self, call: Call, user: Any, default_group: Any, groups: list[Any]) -> int:
        """A user of these groups, with no password."""
        return self.createExperimenterWithPassword(call, user, None, default_group, groups)

    def createExperimenterWithPassword(
        self, call: Call, user: Any, password: Any, default_group: Any, groups: list[Any]
    ) -> int:
        """A user of these groups."""
        if default_group is None:
            raise api_usage("a user needs a default group")
        return self._create(call, user, [*_group_ids([default_group, *(groups or [])]), USER_GROUP], password)

    def _create(
        self,
        call: Call,
        user: Any,
        groups: list[int],
        password: Any = None,
        privileges: set[str] | None = None,
    ) -> int:
        if not set(groups) - {USER_GROUP} <= set(call.caller.leader_of):
            _need(call, "ModifyUser")
        if SYSTEM_GROUP in groups:
            self._no_more_than_own(call, set(PRIVILEGES) if privileges is None else privileges)
        for group in groups:
            if group not in self._server.directory.groups:
                raise api_usage(f"there is no group {group}")
        with self._change(call) as connection:
            user_id = accounts.create_user(connection, user, groups)
            if password is not None and password.val:
                _store_password(connection, call, user_id, password.val)
            if privileges is not None:
                accounts.set_privileges(connection, user_id, privileges, PRIVILEGES)
        return user_id

    def updateSelf(self, call: Call, user: Any) -> None:
        """Change the caller's own name, e-mail and the like."""
        if required_id(user, "the user") != call.caller.user_id:
            raise security("updateSelf changes the caller only")
        with self._change(call) as connection:
            accounts.update_row(connection, "Experimenter", user, without=_OWN_COLUMNS)

    def updateExperimenter(self, call: Call, user: Any) -> None:
        """Change a user's names and addresses; those without the privilege change their own, but for the login name."""
        if (
            "ModifyUser" not in call.caller.privileges
            and required_id(user, "the user") == call.caller.user_id
        ):
            self.updateSelf(call, user)
            return
        self._may_change(call, user)
        with self._change(call) as connection:
            accounts.update_row(connection, "Experimenter", user, without=("ldap",))

    def updateExperimenterWithPassword(self, call: Call, user: Any, password: Any) -> None:
        """Change a user and the password."""
        self._may_change(call, user)
        self._no_more_than_own(call, set(privileges_of(self._user(user.id.val))))
        with self._change(call) as connection:
            accounts.update_row(connection, "Experimenter", user, without=("ldap",))
            if password is not None and password.val:
                _store_password(connection, call, user.id.val, password.val)

    def deleteExperimenter(self, call: Call, user: Any) -> None:
        """Delete a user who owns nothing."""
        self._may_change(call, user)
        if user.id.val in (ROOT_USER, GUEST_USER):
            raise security("built-in users stay")
        with self._change(call) as connection:
            accounts.delete_user(connection, user.id.val)

    def _may_change(self, call: Call, user: Any) -> None:
        _need(call, "ModifyUser")
        self._user(required_id(user, "the user"))

    def _no_more_than_own(self, call: Call, privileges: set[str]) -> None:
        """Light administrators give nobody privileges, or a password to use them, that they do not have."""
        beyond = privileges - call.caller.privileges
        if beyond:
            raise security(f"{call.caller.user_name} lacks the privileges {', '.join(sorted(beyond))}")

    # Groups

    def getGroup(self, call: Call, group_id: int) -> Any:
        """The group with this id."""
        if group_id not in self._server.directory.groups:
            raise api_usage(f"there is no group {group_id}")
        return self._groups(call, [group_id])[0]

    def lookupGroup(self, call: Call, name: str) -> Any:
        """The group with this name."""
        group = self._server.directory.group_named(name)
        if group is None:
            raise api_usage(f"there is no group {name!r}")
        return self._groups(call, [group.id])[0]

    def lookupGroups(self, call: Call) -> list[Any]:
        """All groups."""
        with call.db.read() as connection:
            people = People(call, connection)
            return people.groups(people.group_ids())

    def containedGroups(self, call: Call, user_id: int) -> list[Any]:
        """The groups of a user."""
        return self._groups(call, list(self._user(user_id).groups))

    def getDefaultGroup(self, call: Call, user_id: int) -> Any:
        """The group that the user's sessions start in."""
        group = self._user(user_id).default_group
        if group is None:
            raise api_usage(f"user {user_id} is in no group")
        return self._groups(call, [group])[0]

    def getMemberOfGroupIds(self, call: Call, user: Any) -> list[int]:
        """Ids of the user's groups."""
        return list(self._user(required_id(user, "the user")).groups)

    def getLeaderOfGroupIds(self, call: Call, user: Any) -> list[int]:
        """Ids of the groups that the user owns."""
        return list(self._user(required_id(user, "the user")).leads)

    def createGroup(self, call: Call, group: Any) -> int:
        """A new group."""
        _need(call, "ModifyGroup")
        with self._change(call) as connection:
            return accounts.create_group(connection, group)

    def updateGroup(self, call: Call, group: Any) -> None:
        """Change a group's name and description; permissions that its details carry are changed too."""
        self._may_lead(call, group, "ModifyGroup")
        if not group.isLoaded():
            raise api_usage("a loaded group is needed, not its id alone")
        permissions = group.details.permissions if group.details is not None else None
        before = self._server.directory.groups.get(group.id.val)
        renamed = before is not None and group.name is not None and group.name.val != before.name
        if renamed and group.id.val == (call.caller.group_id if call.group < 0 else call.group):
            raise validation(f"the group {group.id.val} that this call works in cannot be renamed")
        with self._change(call) as connection:
            accounts.update_row(connection, "ExperimenterGroup", group, without=("ldap",))
            if permissions is not None:
                change_permissions(connection, call, group.id.val, permissions.getPerm1())

    def changePermissions(self, call: Call, instance: Any, permissions: Any) -> None:
        """Change a group's permission level; objects have those of their group.

        Raises SecurityViolation where a group is to become private whose members use each other's data; a Chmod2
        command takes such data apart.
        """
        if not isinstance(instance, omero.model.ExperimenterGroup):
            raise security("only groups have permissions of their own; objects have those of their group")
        self._may_lead(call, instance, "ModifyGroup")
        with self._change(call) as connection:
            change_permissions(connection, call, instance.id.val, permissions.getPerm1())

    def deleteGroup(self, call: Call, group: Any) -> None:
        """Delete a group that holds nothing."""
        self._may_lead(call, group, "ModifyGroup")
        if group.id.val in (SYSTEM_GROUP, USER_GROUP, GUEST_GROUP):
            raise security("built-in groups stay")
        with self._change(call) as connection:
            accounts.delete_group(connection, group.id.val)

    # Memberships

    def addGroups(self, call: Call, user: Any, groups: list[Any]) -> None:
        """Make the user a member of more groups."""
        if not groups:
            raise validation("there is no group to add the user to")
        user_id, group_ids = required_id(user, "the user"), _group_ids(groups)
        self._may_place(call, groups, [user_id])
        with self._change(call) as connection:
            accounts.add_to_groups(connection, user_id, group_ids)

    def removeGroups(self, call: Call, user: Any, groups: list[Any]) -> None:
        """End memberships."""
        user_id, group_ids = required_id(user, "the user"), _group_ids(groups)
        self._may_place(call, groups, [user_id])
        built_in = {SYSTEM_GROUP, USER_GROUP} & set(group_ids)
        if built_in and user_id in (ROOT_USER, call.caller.user_id):
            raise validation(
                "nobody leaves the groups `system` and `user` by themselves, and root never does"
            )
        with self._change(call) as connection:
            accounts.remove_from_groups(connection, user_id, group_ids)

    def setDefaultGroup(self, call: Call, user: Any, group: Any) -> None:
        """Where the user's sessions start."""
        user_id, group_id = required_id(user, "the user"), required_id(group, "the group")
        if user_id != call.caller.user_id:
            _need(call, "ModifyUser")
        if group_id == USER_GROUP:
            raise api_usage("the group `user`, in which everybody is, is nobody's default group")
        with self._change(call) as connection:
            accounts.set_default_group(connection, user_id, group_id)

    def setGroupOwner(self, call: Call, group: Any, user: Any) -> None:
        """Make the user an owner of the group."""
        self._set_owners(call, group, [user], owner=True)

    def unsetGroupOwner(self, call: Call, group: Any, user: Any) -> None:
        """Make the user a mere member."""
        self._set_owners(call, group, [user], owner=False)

    def addGroupOwners(self, call: Call, group: Any, users: list[Any]) -> None:
        """Make the users owners of the group."""
        self._set_owners(call, group, users, owner=True)

    def removeGroupOwners(self, call: Call, group: Any, users: list[Any]) -> None:
        """Make the users mere members."""
        self._set_owners(call, group, users, owner=False)

    def _set_owners(self, call: Call, group: Any, users: list[Any], *, owner: bool) -> None:
        user_ids = [required_id(user, "a user") for user in users]
        self._may_place(call, [group], user_ids)
        with self._change(call) as connection:
            for user_id in user_ids:
                accounts.set_owner(connection, user_id, group.id.val, owner=owner)

    def _may_place(self, call: Call, groups: list[Any], user_ids: list[int]) -> None:
        for group in groups:
            self._may_lead(call, group, "ModifyGroupMembership")
            if group.id.val == SYSTEM_GROUP:
                for user_id in user_ids:
                    self._no_more_than_own(call, set(privileges_in_system(self._user(user_id))))

    def _may_lead(self, call: Call, group: Any, privilege: str) -> None:
        if required_id(group, "the group") not in call.caller.leader_of:
            _need(call, privilege)

    # Privileges and passwords

    def getCurrentAdminPrivileges(self, call: Call) -> list[Any]:
        """What the caller may do as an administrator."""
        return _privilege_objects(call, call.caller.privileges)

    def getAdminPrivileges(self, call: Call, user: Any) -> list[Any]:
        """What the user may do as an administrator."""
        return _privilege_objects(call, privileges_of(self._user(required_id(user, "the user"))))

    def getAdminsWithPrivileges(self, call: Call, privileges: list[Any]) -> list[Any]:
        """Administrators that have all these privileges."""
        wanted = _names(privileges)
        found = [
            user.id
            for user in self._server.directory.users.values()
            if SYSTEM_GROUP in user.groups and wanted <= privileges_of(user)
        ]
        return self._users(call, found)

    def setAdminPrivileges(self, call: Call, user: Any, privileges: list[Any]) -> None:
        """Say what the user may do as an administrator."""
        self._may_change(call, user)
        granted = _names(privileges)
        self._no_more_than_own(call, granted - privileges_of(self._user(user.id.val)))
        if user.id.val == ROOT_USER and granted != set(PRIVILEGES):
            raise api_usage("privileges cannot be taken from root")
        with self._change(call) as connection:
            accounts.set_privileges(connection, user.id.val, granted, PRIVILEGES)

    def changePassword(self, call: Call, password: Any) -> None:
        """Change the caller's password, where the caller has proved to know it."""
        need_password(call)
        self._set_password(call, call.caller.user_id, password)

    def changePasswordWithOldPassword(self, call: Call, old: Any, password: Any) -> None:
        """Change the caller's password."""
        if old is None or not self._server.login.password_matches(call.caller.user_id, old.val):
            raise security("the old password is wrong")
        self._set_password(call, call.caller.user_id, password)

    def changeUserPassword(self, call: Call, name: str, password: Any) -> None:
        """Change somebody's password, where the caller has proved to know the own one."""
        need_password(call)
        user = self._server.directory.user_named(name)
        if user is None:
            raise api_usage(f"there is no user {name!r}")
        _need(call, "ModifyUser")
        self._no_more_than_own(call, set(privileges_of(user)))
        self._set_password(call, user.id, password)

    def _set_password(self, call: Call, user_id: int, password: Any) -> None:
        """Null leaves the user without a password, so that nobody logs in with one."""
        if password is not None and not password.val:
            raise api_usage("the new password must not be empty")
        with call.db.write() as connection:
            _store_password(connection, call, user_id, None if password is None else password.val)

    def synchronizeLoginCache(self, call: Call) -> None:
        """Read users and groups again."""
        self._server.forget_directory()

    def reportForgottenPassword(self, call: Call, name: str, email: str) -> None:
        """Would mail a new password to who is not an administrator and gives the right address; there is no mail here."""
        user = self._server.directory.user_named(name)
        if user is None:
            raise security("Unknown user.")
        address = self._users(call, [user.id])[0].email
        if address is None or not address.val:
            raise security("User has no email address.")
        if address.val != email:
            raise security("Email address does not match.")
        if SYSTEM_GROUP in user.groups:
            raise api_usage(
                "Cannot reset password of administrators. Have another administrator set the new password."
            )
        raise not_supported("mail; the password was not changed, an administrator can set a new one")

    def changeExpiredCredentials(self, call: Call, name: str, old: str, new: str) -> None:
        """Passwords do not expire, in OMERO.server neither."""
        del call, name, old, new
        raise not_supported("IAdmin.changeExpiredCredentials; OMERO.server does not offer it either")

    # Owner and group of objects

    def changeOwner(self, call: Call, instance: Any, name: str) -> None:
        """Give one object to somebody else."""
        user = self._server.directory.user_named(name)
        if user is None:
            raise api_usage(f"there is no user {name!r}")
        give_to(call, instance, user)

    def changeGroup(self, call: Call, instance: Any, name: str) -> None:
        """Move one object that nothing refers to."""
        group = self._server.directory.group_named(name)
        if group is None:
            raise api_usage(f"there is no group {name!r}")
        move_to(call, instance, group)

    def moveToCommonSpace(self, call: Call, objects: list[Any]) -> None:
        """Move single objects to the group that everybody is in."""
        move_to_common_space(call, objects)

    # Photos, LDAP

    def uploadMyUserPhoto(self, call: Call, name: str, mimetype: str, content: bytes) -> int:
        """The caller's picture, in place of any earlier one."""
        return save_photo(call, name, mimetype, bytes(content))

    def getMyUserPhotos(self, call: Call) -> list[Any]:
        """The caller's pictures, as OriginalFiles."""
        return photos(call, call.caller.user_id)

    def lookupLdapAuthExperimenter(self, call: Call, user_id: int) -> str:
        """LDAP is not configured, so nobody has a name there."""
        self._user(user_id)
        return ""

    def lookupLdapAuthExperimenters(self, call: Call) -> Any:
        """LDAP is not configured."""
        return rlist([])

    # Helpers

    def _user(self, user_id: int) -> User:
        user = self._server.directory.users.get(user_id)
        if user is None:
            raise api_usage(f"there is no user {user_id}")
        return user

    def _users(self, call: Call, ids: list[int]) -> list[Any]:
        with call.db.read() as connection:
            return People(call, connection).users(ids)

    def _groups(self, call: Call, ids: list[int]) -> list[Any]:
        with call.db.read() as connection:
            return People(call, connection).groups(ids)

    @contextmanager
    def _change(self, call: Call) -> Iterator[Connection]:
        """A transaction after which users and groups are read again."""
        with call.db.write() as connection:
            yield connection
        self._server.forget_directory()


def _need(call: Call, privilege: str) -> None:
    if privilege not in call.caller.privileges:
        raise security(f"{call.caller.user_name} lacks the privilege {privilege}")


def _store_password(connection: Connection, call: Call, user_id: int, password: str | None) -> None:
    set_password(connection, user_id, password)
    log(connection, new_event(connection, call), [("PASSWORD", "Experimenter", user_id)])


def _group_ids(groups: list[Any]) -> list[int]:
    return [required_id(group, "a group") for group in groups]


def _names(privileges: list[Any]) -> set[str]:
    given = [privilege for privilege in privileges or [] if privilege is not None]
    if any(not privilege.isLoaded() or privilege.value is None for privilege in given):
        raise api_usage("a privilege without its value; AdminPrivilege objects are told apart by that")
    names = {privilege.value.val for privilege in given}
    unknown = names - set(PRIVILEGES)
    if unknown:
        raise api_usage(f"no such privilege: {', '.join(sorted(unknown))}; there are {', '.join(PRIVILEGES)}")
    return names


def _privilege_objects(call: Call, names: frozenset[str]) -> list[Any]:
    table = TABLES["AdminPrivilege"]
    with call.db.read() as connection:
        rows = (
            connection.execute(select(table).where(table.c.value.in_(sorted(names))).order_by(table.c.id))
            .mappings()
            .all()
        )
    made = []
    for row in rows:
        privilege = AdminPrivilegeI(row["id"], True)
        privilege.value = rstring(row["value"])
        made.append(privilege)
    return made


def _root_of(instance: Any) -> str:
    return SCHEMA.of(instance).root
