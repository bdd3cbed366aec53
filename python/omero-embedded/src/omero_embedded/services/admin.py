"""IAdmin: users, groups, memberships and who is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rlist
from sqlalchemy import select

from omero_embedded.administration import groups, memberships, passwords, users
from omero_embedded.administration.privileges import names_of, privilege_objects, set_privileges
from omero_embedded.errors import api_usage, not_supported
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.directory import GUEST_GROUP, GUEST_USER, ROOT_USER, SYSTEM_GROUP, USER_GROUP
from omero_embedded.security.event_context import event_context
from omero_embedded.security.people import People
from omero_embedded.security.permissions import file_kind, rights_on
from omero_embedded.security.privileges import privileges_of
from omero_embedded.services.object_details import give_to, move_to, move_to_common_space
from omero_embedded.services.photos import photos, save_photo
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.graph import required_id

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


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
        return self._users(call, [self._server.directory.user(user_id).id])[0]

    def lookupExperimenter(self, call: Call, name: str) -> Any:
        """The user with this login name."""
        return self._users(call, [self._server.directory.existing_user(name).id])[0]

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
        return users.create_user(call, user, [self._server.directory.existing_group(default_group).id])

    def createSystemUser(self, call: Call, user: Any) -> int:
        """An administrator with all privileges, with no password."""
        return users.create_user(call, user, [SYSTEM_GROUP])

    def createRestrictedSystemUser(self, call: Call, user: Any, privileges: list[Any]) -> int:
        """An administrator with some privileges, with no password."""
        return users.create_user(call, user, [SYSTEM_GROUP], privileges=names_of(privileges))

    def createRestrictedSystemUserWithPassword(
        self, call: Call, user: Any, privileges: list[Any], password: Any
    ) -> int:
        """An administrator with some privileges."""
        return users.create_user(call, user, [SYSTEM_GROUP], password, names_of(privileges))

    def createExperimenter(self, call: Call, user: Any, default_group: Any, groups: list[Any]) -> int:
        """A user of these groups, with no password."""
        return self.createExperimenterWithPassword(call, user, None, default_group, groups)

    def createExperimenterWithPassword(
        self, call: Call, user: Any, password: Any, default_group: Any, groups: list[Any]
    ) -> int:
        """A user of these groups."""
        if default_group is None:
            raise api_usage("a user needs a default group")
        wanted = memberships.group_ids([default_group, *(groups or [])])
        return users.create_user(call, user, wanted, password)

    def updateSelf(self, call: Call, user: Any) -> None:
        """Change the caller's own name, e-mail and the like."""
        users.update_self(call, user)

    def updateExperimenter(self, call: Call, user: Any) -> None:
        """Change a user's names and addresses; those without the privilege change their own, but for the login name."""
        users.update_user(call, user)

    def updateExperimenterWithPassword(self, call: Call, user: Any, password: Any) -> None:
        """Change a user and the password."""
        users.update_user_with_password(call, user, password)

    def deleteExperimenter(self, call: Call, user: Any) -> None:
        """Delete a user who owns nothing."""
        users.delete_user(call, user)

    # Groups

    def getGroup(self, call: Call, group_id: int) -> Any:
        """The group with this id."""
        return self._groups(call, [self._server.directory.group(group_id).id])[0]

    def lookupGroup(self, call: Call, name: str) -> Any:
        """The group with this name."""
        return self._groups(call, [self._server.directory.existing_group(name).id])[0]

    def lookupGroups(self, call: Call) -> list[Any]:
        """All groups."""
        with call.db.read() as connection:
            people = People(call, connection)
            return people.groups(people.group_ids())

    def containedGroups(self, call: Call, user_id: int) -> list[Any]:
        """The groups of a user."""
        return self._groups(call, list(self._server.directory.user(user_id).groups))

    def getDefaultGroup(self, call: Call, user_id: int) -> Any:
        """The group that the user's sessions start in."""
        group = self._server.directory.user(user_id).default_group
        if group is None:
            raise api_usage(f"user {user_id} is in no group")
        return self._groups(call, [group])[0]

    def getMemberOfGroupIds(self, call: Call, user: Any) -> list[int]:
        """Ids of the user's groups."""
        return list(self._server.directory.user(required_id(user, "the user")).groups)

    def getLeaderOfGroupIds(self, call: Call, user: Any) -> list[int]:
        """Ids of the groups that the user owns."""
        return list(self._server.directory.user(required_id(user, "the user")).leads)

    def createGroup(self, call: Call, group: Any) -> int:
        """A new group."""
        return groups.create_group(call, group)

    def updateGroup(self, call: Call, group: Any) -> None:
        """Change a group's name and description; permissions that its details carry are changed too."""
        groups.update_group(call, group)

    def changePermissions(self, call: Call, instance: Any, permissions: Any) -> None:
        """Change a group's permission level; objects have those of their group.

        Raises SecurityViolation where a group is to become private whose members use each other's data; a Chmod2
        command takes such data apart.
        """
        groups.change_group_permissions(call, instance, permissions)

    def deleteGroup(self, call: Call, group: Any) -> None:
        """Delete a group that holds nothing."""
        groups.delete_group(call, group)

    # Memberships

    def addGroups(self, call: Call, user: Any, groups: list[Any]) -> None:
        """Make the user a member of more groups."""
        memberships.add_to_groups(call, user, groups)

    def removeGroups(self, call: Call, user: Any, groups: list[Any]) -> None:
        """End memberships."""
        memberships.remove_from_groups(call, user, groups)

    def setDefaultGroup(self, call: Call, user: Any, group: Any) -> None:
        """Where the user's sessions start."""
        memberships.set_default_group(call, user, group)

    def setGroupOwner(self, call: Call, group: Any, user: Any) -> None:
        """Make the user an owner of the group."""
        memberships.set_owners(call, group, [user], owner=True)

    def unsetGroupOwner(self, call: Call, group: Any, user: Any) -> None:
        """Make the user a mere member."""
        memberships.set_owners(call, group, [user], owner=False)

    def addGroupOwners(self, call: Call, group: Any, users: list[Any]) -> None:
        """Make the users owners of the group."""
        memberships.set_owners(call, group, users, owner=True)

    def removeGroupOwners(self, call: Call, group: Any, users: list[Any]) -> None:
        """Make the users mere members."""
        memberships.set_owners(call, group, users, owner=False)

    # Privileges and passwords

    def getCurrentAdminPrivileges(self, call: Call) -> list[Any]:
        """What the caller may do as an administrator."""
        return privilege_objects(call, call.caller.privileges)

    def getAdminPrivileges(self, call: Call, user: Any) -> list[Any]:
        """What the user may do as an administrator."""
        return privilege_objects(
            call, privileges_of(self._server.directory.user(required_id(user, "the user")))
        )

    def getAdminsWithPrivileges(self, call: Call, privileges: list[Any]) -> list[Any]:
        """Administrators that have all these privileges."""
        wanted = names_of(privileges)
        found = [
            user.id
            for user in self._server.directory.users.values()
            if SYSTEM_GROUP in user.groups and wanted <= privileges_of(user)
        ]
        return self._users(call, found)

    def setAdminPrivileges(self, call: Call, user: Any, privileges: list[Any]) -> None:
        """Say what the user may do as an administrator."""
        set_privileges(call, user, privileges)

    def changePassword(self, call: Call, password: Any) -> None:
        """Change the caller's password, where the caller has proved to know it."""
        passwords.change_own_password(call, password)

    def changePasswordWithOldPassword(self, call: Call, old: Any, password: Any) -> None:
        """Change the caller's password."""
        passwords.replace_own_password(call, old, password)

    def changeUserPassword(self, call: Call, name: str, password: Any) -> None:
        """Change somebody's password, where the caller has proved to know the own one."""
        passwords.change_password_of(call, name, password)

    def synchronizeLoginCache(self, call: Call) -> None:
        """Read users and groups again."""
        self._server.forget_directory()

    def reportForgottenPassword(self, call: Call, name: str, email: str) -> None:
        """Would mail a new password to who is not an administrator and gives the right address; there is no mail here."""
        passwords.report_forgotten_password(call, name, email)

    def changeExpiredCredentials(self, call: Call, name: str, old: str, new: str) -> None:
        """Passwords do not expire, in OMERO.server neither."""
        del call, name, old, new
        raise not_supported("IAdmin.changeExpiredCredentials; OMERO.server does not offer it either")

    # Owner and group of objects

    def changeOwner(self, call: Call, instance: Any, name: str) -> None:
        """Give one object to somebody else."""
        give_to(call, instance, self._server.directory.existing_user(name))

    def changeGroup(self, call: Call, instance: Any, name: str) -> None:
        """Move one object that nothing refers to."""
        move_to(call, instance, self._server.directory.existing_group(name))

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
        self._server.directory.user(user_id)
        return ""

    def lookupLdapAuthExperimenters(self, call: Call) -> Any:
        """LDAP is not configured."""
        return rlist([])

    # Helpers

    def _users(self, call: Call, ids: list[int]) -> list[Any]:
        with call.db.read() as connection:
            return People(call, connection).users(ids)

    def _groups(self, call: Call, ids: list[int]) -> list[Any]:
        with call.db.read() as connection:
            return People(call, connection).groups(ids)


def _root_of(instance: Any) -> str:
    return SCHEMA.of(instance).root
