"""Making the demo's people and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.model import ExperimenterGroupI, ExperimenterI, PermissionsI
from omero.rtypes import rbool, rstring

from omero_platform.demo.people import GROUP_OWNER, GROUPS, PEOPLE

if TYPE_CHECKING:
    from omero_platform.demo.people import Group, Person


def ensure_accounts(gateway: Any, password: str) -> None:
    """Make the groups and people that are missing; those that exist stay as they are."""
    admin = gateway.c.sf.getAdminService()
    known_groups = {group.name.val for group in admin.lookupGroups()}
    for group in GROUPS:
        if group.name not in known_groups:
            admin.createGroup(group_object(group))
    known_people = {person.omeName.val for person in admin.lookupExperimenters()}
    for person in PEOPLE:
        if person.login not in known_people:
            make_person(admin, person, password)


def group_object(group: Group) -> Any:
    """A group as OMERO takes it."""
    made = ExperimenterGroupI()
    made.name = rstring(group.name)
    made.description = rstring(group.description)
    made.details.permissions = PermissionsI(group.permissions)
    made.ldap = rbool(False)
    return made


def make_person(admin: Any, person: Person, password: str) -> None:
    """Make an account that belongs to every group of the demo, at home in the first."""
    account = ExperimenterI()
    account.omeName = rstring(person.login)
    account.firstName = rstring(person.first_name)
    account.lastName = rstring(person.last_name)
    account.ldap = rbool(False)
    account.email = rstring(f"{person.login}@example.org")
    account.institution = rstring("Example Institute")
    home, *others = [admin.lookupGroup(group.name) for group in GROUPS]
    roles = admin.getSecurityRoles()
    others.append(ExperimenterGroupI(roles.userGroupId, False))
    if person.administrator:
        others.append(ExperimenterGroupI(roles.systemGroupId, False))
    made = admin.createExperimenterWithPassword(account, rstring(password), home, others)
    if person.login == GROUP_OWNER:
        for group in GROUPS:
            admin.setGroupOwner(admin.lookupGroup(group.name), ExperimenterI(made, False))
