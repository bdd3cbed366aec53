"""Users and groups through IAdmin."""

from __future__ import annotations

from typing import Any

import Glacier2
import omero
import pytest
from omero.rtypes import rbool, rstring

import omero_embedded.server
from omero_embedded.testing import PASSWORD, Site


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwra--", "alice", "bob", owners=("oscar",))
    site.group("private", "rw----", "alice")
    site.administrator("carol")
    return site


def experimenter(name: str) -> Any:
    user = omero.model.ExperimenterI()
    user.omeName, user.firstName, user.lastName, user.ldap = (
        rstring(name),
        rstring("A"),
        rstring("B"),
        rbool(False),
    )
    return user


def test_everybody_sees_who_is_in_which_group(lab: Site) -> None:
    with lab.client("bob") as client:
        admin = client.sf.getAdminService()
        members = {
            link.child.omeName.val: link.owner.val
            for link in admin.lookupGroup("lab").copyGroupExperimenterMap()
        }
        assert members == {"alice": False, "bob": False, "oscar": True}
        groups = [
            link.parent.name.val for link in admin.lookupExperimenter("alice").copyGroupExperimenterMap()
        ]
        assert groups == ["lab", "user", "private"]


def test_group_permissions_are_those_it_was_made_with(lab: Site) -> None:
    with lab.client("alice") as client:
        admin = client.sf.getAdminService()
        assert str(admin.lookupGroup("lab").details.permissions) == "rwra--"
        assert str(admin.lookupGroup("private").details.permissions) == "rw----"


def test_alice_cannot_make_users_groups_or_members(lab: Site) -> None:
    with lab.client("alice") as client:
        admin = client.sf.getAdminService()
        group = admin.lookupGroup("lab")
        for attempt in (
            lambda: admin.createExperimenter(experimenter("eve"), group, []),
            lambda: admin.createGroup(omero.model.ExperimenterGroupI()),
            lambda: admin.addGroups(admin.lookupExperimenter("alice"), [admin.lookupGroup("system")]),
            lambda: admin.changeUserPassword("bob", rstring("stolen")),
        ):
            with pytest.raises(omero.SecurityViolation):
                attempt()


def test_oscar_adds_members_to_the_group_he_owns(lab: Site) -> None:
    lab.group("elsewhere", "rw----", "frank")
    with lab.client("oscar") as client:
        admin = client.sf.getAdminService()
        admin.addGroups(admin.lookupExperimenter("frank"), [admin.lookupGroup("lab")])
        assert "frank" in {
            user.omeName.val for user in admin.containedExperimenters(admin.lookupGroup("lab").id.val)
        }
        with pytest.raises(omero.SecurityViolation):
            admin.addGroups(admin.lookupExperimenter("frank"), [admin.lookupGroup("private")])


def test_a_taken_login_name_is_refused_and_nothing_is_made(lab: Site) -> None:
    with lab.client("carol") as client:
        admin = client.sf.getAdminService()
        before = len(admin.lookupExperimenters())
        with pytest.raises(omero.ValidationException, match="already a Experimenter called 'alice'"):
            admin.createExperimenter(experimenter("alice"), admin.lookupGroup("lab"), [])
        assert len(admin.lookupExperimenters()) == before


def test_nobody_is_left_without_a_group(lab: Site) -> None:
    with lab.client("carol") as client:
        admin = client.sf.getAdminService()
        bob = admin.lookupExperimenter("bob")
        with pytest.raises(omero.ValidationException, match="at least one group"):
            admin.removeGroups(bob, [admin.lookupGroup("lab")])
        assert [group.name.val for group in admin.containedGroups(bob.id.val)] == ["lab", "user"]


def test_a_new_default_group_is_where_the_next_session_starts(lab: Site) -> None:
    with lab.client("alice") as client:
        admin = client.sf.getAdminService()
        admin.setDefaultGroup(admin.lookupExperimenter("alice"), admin.lookupGroup("private"))
    with lab.client("alice") as client:
        admin = client.sf.getAdminService()
        assert admin.getEventContext().groupName == "private"
        admin.setDefaultGroup(admin.lookupExperimenter("alice"), admin.lookupGroup("lab"))


def test_a_person_may_have_an_empty_last_name_but_must_have_one(lab: Site) -> None:
    with lab.client("root") as client:
        admin = client.sf.getAdminService()
        user = experimenter("dave")
        user.lastName = rstring("")
        made = admin.createUser(user, "lab")
        assert admin.getExperimenter(made).lastName.val == ""
        user = experimenter("erin")
        user.lastName = None
        with pytest.raises(omero.ValidationException, match="lastname"):
            admin.createUser(user, "lab")
        with pytest.raises(omero.ValidationException, match="omename"):
            admin.createUser(experimenter(" "), "lab")


def test_bob_cannot_log_in_once_his_password_is_taken_away(lab: Site) -> None:
    with lab.client("carol") as client:
        admin = client.sf.getAdminService()
        admin.changeUserPassword("bob", None)
        with pytest.raises(Glacier2.PermissionDeniedException), lab.client("bob"):
            pass
        admin.changeUserPassword("bob", rstring(PASSWORD))
    with lab.client("bob") as client:
        assert client.sf.getAdminService().getEventContext().userName == "bob"


def test_passwords_change_with_the_old_one_only(lab: Site) -> None:
    with lab.client("bob") as client:
        admin = client.sf.getAdminService()
        with pytest.raises(omero.SecurityViolation, match="old password"):
            admin.changePasswordWithOldPassword(rstring("guess"), rstring("new-secret"))
        admin.changePasswordWithOldPassword(rstring(PASSWORD), rstring("new-secret"))
    with pytest.raises(Glacier2.PermissionDeniedException), lab.client("bob"):
        pass
    with lab.client("carol") as client:
        client.sf.getAdminService().changeUserPassword("bob", rstring(PASSWORD))
    with lab.client("bob") as client:
        assert client.sf.getAdminService().getEventContext().userName == "bob"


def test_a_light_administrator_has_only_what_was_granted(lab: Site) -> None:
    sudo = omero.model.AdminPrivilegeI()
    sudo.value = rstring("Sudo")
    with lab.client("root") as client:
        client.sf.getAdminService().createRestrictedSystemUserWithPassword(
            experimenter("sudoer"), [sudo], rstring(PASSWORD)
        )
    with lab.client("sudoer") as client:
        admin = client.sf.getAdminService()
        context = admin.getEventContext()
        assert (context.isAdmin, context.adminPrivileges) == (True, ["Sudo"])
        with pytest.raises(omero.SecurityViolation, match="ModifyGroup"):
            admin.createGroup(omero.model.ExperimenterGroupI())
        with pytest.raises(omero.SecurityViolation, match="ModifyUser"):
            admin.createSystemUser(experimenter("more"))


def test_a_light_administrator_cannot_make_a_stronger_one(lab: Site) -> None:
    modify = omero.model.AdminPrivilegeI()
    modify.value = rstring("ModifyUser")
    with lab.client("root") as client:
        client.sf.getAdminService().createRestrictedSystemUserWithPassword(
            experimenter("clerk"), [modify], rstring(PASSWORD)
        )
    with lab.client("clerk") as client:
        admin = client.sf.getAdminService()
        with pytest.raises(omero.SecurityViolation, match="lacks the privileges"):
            admin.createSystemUser(experimenter("boss"))
        with pytest.raises(omero.SecurityViolation, match="lacks the privileges"):
            admin.changeUserPassword("root", rstring("taken-over"))
        assert admin.createExperimenter(experimenter("intern"), admin.lookupGroup("lab"), []) > 0


def test_a_group_with_data_is_not_deleted(lab: Site) -> None:
    lab.group("full", "rw----", "gina")
    with lab.client("gina") as client:
        dataset = omero.model.DatasetI()
        dataset.name = rstring("mine")
        client.sf.getUpdateService().saveObject(dataset)
    with lab.client("carol") as client:
        admin = client.sf.getAdminService()
        with pytest.raises(omero.ValidationException, match="still has data"):
            admin.deleteGroup(admin.lookupGroup("full"))
        assert admin.lookupGroup("full").name.val == "full"


def test_a_new_group_is_known_although_somebody_read_the_groups_while_it_was_made(
    lab: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = omero_embedded.server.read_directory
    made: list[int] = []

    def read_slowly(connection: Any) -> Any:
        """What was there before the group, which is made while this is read."""
        found = read(connection)
        if not made:
            made.append(0)
            made[0] = lab.group("meanwhile", "rw----")
        return found

    monkeypatch.setattr(omero_embedded.server, "read_directory", read_slowly)
    lab.server.forget_directory()
    known = lab.server.directory.groups

    assert made[0] in known
    with lab.client("root") as client:
        assert client.sf.getAdminService().getGroup(made[0]).name.val == "meanwhile"


def test_a_light_administrator_makes_an_equal_one_a_member_of_more_groups(lab: Site) -> None:
    privileges = []
    for name in ("ModifyUser", "ModifyGroupMembership"):
        privileges.append(omero.model.AdminPrivilegeI())
        privileges[-1].value = rstring(name)
    with lab.client("root") as client:
        client.sf.getAdminService().createRestrictedSystemUserWithPassword(
            experimenter("registrar"), privileges, rstring(PASSWORD)
        )
    with lab.client("registrar") as client:
        admin = client.sf.getAdminService()
        helper = admin.createRestrictedSystemUserWithPassword(
            experimenter("helper"), privileges[:1], rstring(PASSWORD)
        )
        groups = [admin.lookupGroup(name) for name in ("system", "lab")]

        admin.addGroups(omero.model.ExperimenterI(helper, False), groups)

        assert {group.id.val for group in admin.containedGroups(helper)} >= {group.id.val for group in groups}
        with pytest.raises(omero.SecurityViolation, match="lacks the privileges"):
            admin.addGroups(admin.lookupExperimenter("alice"), groups)


def test_changing_a_user_leaves_the_privileges_as_they_are(lab: Site) -> None:
    sudo, chown = omero.model.AdminPrivilegeI(), omero.model.AdminPrivilegeI()
    sudo.value, chown.value = rstring("Sudo"), rstring("Chown")
    with lab.client("root") as client:
        admin = client.sf.getAdminService()
        user_id = admin.createRestrictedSystemUserWithPassword(
            experimenter("deputy"), [sudo], rstring(PASSWORD)
        )
        read_before = admin.getExperimenter(user_id)
        admin.setAdminPrivileges(read_before, [chown])
        read_before.lastName = rstring("Renamed")

        admin.updateExperimenter(read_before)

        assert [one.value.val for one in admin.getAdminPrivileges(read_before)] == ["Chown"]
        assert admin.getExperimenter(user_id).lastName.val == "Renamed"


def events_of(client: Any, entity: str, object_id: int) -> list[str]:
    query = f"select l.action from EventLog l where l.entityType = :kind and l.entityId = {object_id} order by l.id"
    parameters = omero.sys.ParametersI().addString("kind", f"ome.model.meta.{entity}")
    return [row[0].val for row in client.sf.getQueryService().projection(query, parameters)]


def privilege(name: str) -> Any:
    made = omero.model.AdminPrivilegeI()
    made.value = rstring(name)
    return made


def test_a_joined_session_changes_passwords_only_after_it_was_told_the_own_one(lab: Site) -> None:
    with lab.client("carol") as carol:
        joined = carol.createClient(False)
        try:
            admin = joined.sf.getAdminService()
            for attempt in (
                lambda: admin.changeUserPassword("bob", rstring("stolen")),
                lambda: admin.changePassword(rstring("stolen")),
                lambda: joined.sf.getSessionService().createUserSession(0, 0, ""),
            ):
                with pytest.raises(omero.SecurityViolation, match="setSecurityPassword"):
                    attempt()
            joined.sf.setSecurityPassword(PASSWORD)
            admin.changeUserPassword("bob", rstring(PASSWORD))
        finally:
            joined.__del__()


def test_a_change_of_the_password_is_logged(lab: Site) -> None:
    with lab.client("alice") as client:
        before = events_of(client, "Experimenter", lab.user_id("alice")).count("PASSWORD")
        client.sf.getAdminService().changePassword(rstring(PASSWORD))
        assert events_of(client, "Experimenter", lab.user_id("alice")).count("PASSWORD") == before + 1


def test_nobody_changes_even_the_own_password_by_name_without_the_privilege(lab: Site) -> None:
    with lab.client("alice") as client, pytest.raises(omero.SecurityViolation, match="ModifyUser"):
        client.sf.getAdminService().changeUserPassword("alice", rstring("other"))


def test_oscar_makes_users_for_his_group_and_for_no_other(lab: Site) -> None:
    with lab.client("oscar") as client:
        admin = client.sf.getAdminService()
        group, user = admin.lookupGroup("lab"), admin.lookupGroup("user")
        made = admin.createExperimenterWithPassword(experimenter("nina"), rstring(PASSWORD), group, [user])
        assert [found.name.val for found in admin.containedGroups(made)] == ["lab", "user"]
        with pytest.raises(omero.SecurityViolation, match="ModifyUser"):
            admin.createExperimenter(experimenter("otto"), group, [admin.lookupGroup("private")])


def test_oscar_deletes_his_empty_group(lab: Site) -> None:
    lab.group("short", "rw----", owners=("oscar",))
    with lab.client("oscar") as client:
        admin = client.sf.getAdminService()
        admin.deleteGroup(admin.lookupGroup("short"))
        assert "short" not in {group.name.val for group in admin.lookupGroups()}


def test_alice_changes_her_own_names_but_not_her_login_name(lab: Site) -> None:
    with lab.client("alice") as client:
        admin = client.sf.getAdminService()
        alice = admin.lookupExperimenter("alice")
        alice.institution, alice.omeName = rstring("Wonderland"), rstring("queen")
        admin.updateExperimenter(alice)
        assert admin.lookupExperimenter("alice").institution.val == "Wonderland"
        with pytest.raises(omero.SecurityViolation, match="ModifyUser"):
            admin.updateExperimenter(admin.lookupExperimenter("bob"))


def test_a_light_administrator_gains_nothing_by_writing_her_own_configuration(lab: Site) -> None:
    lab.administrator("ursula", "ModifyUser")
    with lab.client("ursula") as client:
        admin = client.sf.getAdminService()
        ursula = admin.lookupExperimenter("ursula")
        ursula.config = [omero.model.NamedValue("AdminPrivilege:Sudo", "true")]
        admin.updateExperimenter(ursula)
        assert admin.getEventContext().adminPrivileges == ["ModifyUser"]


def test_a_light_administrator_may_take_privileges_but_give_only_her_own(lab: Site) -> None:
    lab.administrator("ursula", "ModifyUser")
    lab.administrator("victor", "ModifyUser", "Chown")
    with lab.client("ursula") as client:
        admin = client.sf.getAdminService()
        victor = admin.lookupExperimenter("victor")
        with pytest.raises(omero.SecurityViolation, match="lacks the privileges Sudo"):
            admin.setAdminPrivileges(victor, [privilege("ModifyUser"), privilege("Chown"), privilege("Sudo")])
        admin.setAdminPrivileges(victor, [privilege("Chown")])
        assert [found.value.val for found in admin.getAdminPrivileges(victor)] == ["Chown"]


def test_roots_privileges_and_groups_stay(lab: Site) -> None:
    with lab.client("carol") as client:
        admin = client.sf.getAdminService()
        root = admin.lookupExperimenter("root")
        with pytest.raises(omero.ApiUsageException, match="taken from root"):
            admin.setAdminPrivileges(root, [privilege("Sudo")])
        with pytest.raises(omero.ValidationException):
            admin.removeGroups(root, [admin.lookupGroup("system")])
        with pytest.raises(omero.ValidationException, match="by themselves"):
            admin.removeGroups(admin.lookupExperimenter("carol"), [admin.lookupGroup("system")])


def test_built_in_names_stay_and_so_does_that_of_the_group_of_the_call(lab: Site) -> None:
    with lab.client("carol") as client:
        admin = client.sf.getAdminService()
        root = admin.lookupExperimenter("root")
        root.omeName = rstring("toor")
        with pytest.raises(omero.ValidationException, match="built in"):
            admin.updateExperimenter(root)
        current = admin.getGroup(admin.getEventContext().groupId)
        current.name = rstring("renamed")
        with pytest.raises(omero.ValidationException, match="renamed"):
            admin.updateGroup(current)


def test_the_group_of_all_users_is_nobodys_default(lab: Site) -> None:
    with lab.client("alice") as client:
        admin = client.sf.getAdminService()
        with pytest.raises(omero.ApiUsageException, match="nobody's default"):
            admin.setDefaultGroup(admin.lookupExperimenter("alice"), admin.lookupGroup("user"))


def test_a_group_becomes_private_only_while_nobody_uses_anothers_data(lab: Site) -> None:
    group_id = lab.group("changing", "rwra--", "alice", "bob")
    group = omero.model.ExperimenterGroupI(group_id, False)
    here = {"omero.group": str(group_id)}
    with lab.client("alice") as alice, lab.client("bob") as bob, lab.client("carol") as carol:
        admin = carol.sf.getAdminService()
        dataset = omero.model.DatasetI()
        dataset.name = rstring("alice's")
        dataset = alice.sf.getUpdateService().saveAndReturnObject(dataset, here)
        link = omero.model.DatasetAnnotationLinkI()
        link.parent, link.child = omero.model.DatasetI(dataset.id.val, False), omero.model.TagAnnotationI()
        link = bob.sf.getUpdateService().saveAndReturnObject(link, here)
        with pytest.raises(omero.SecurityViolation, match=r"1 of DatasetAnnotationLink\.parent"):
            admin.changePermissions(group, omero.model.PermissionsI("rw----"))

        bob.sf.getUpdateService().deleteObject(link, here)
        admin.changePermissions(group, omero.model.PermissionsI("rw----"))

        assert str(admin.getGroup(group_id).details.permissions) == "rw----"
        assert "CHMOD(rw----)" in events_of(carol, "ExperimenterGroup", group_id)


def test_nobody_can_be_kept_from_reading_what_they_own(lab: Site) -> None:
    group = omero.model.ExperimenterGroupI(lab.group("unreadable", "rwr---", "alice"), False)
    with lab.client("carol") as client, pytest.raises(omero.GroupSecurityViolation):
        client.sf.getAdminService().changePermissions(group, omero.model.PermissionsI("-w----"))


def test_objects_tell_in_which_session_they_were_read_but_not_its_key(lab: Site) -> None:
    with lab.client("alice") as client:
        tag = client.sf.getUpdateService().saveAndReturnObject(omero.model.TagAnnotationI())
        found = client.sf.getQueryService().get("TagAnnotation", tag.id.val)
        for details in (tag.details, found.details):
            context = details.getEventContext()
            assert (context.userName, context.sessionUuid.strip("*")) == ("alice", "")
