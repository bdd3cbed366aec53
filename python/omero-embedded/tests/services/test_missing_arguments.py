"""Null where an object is needed: the answer says what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import rmap

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.testing import Site

USER, GROUP = omero.model.ExperimenterI(1, False), omero.model.ExperimenterGroupI(1, False)


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwr---", "alice")
    site.administrator("carol")
    return site


CALLS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda admin: admin.canUpdate(None), "the object is missing"),
    (lambda admin: admin.canUpdate(omero.model.ImageI()), "the object has no id"),
    (lambda admin: admin.getMemberOfGroupIds(None), "the user is missing"),
    (lambda admin: admin.getLeaderOfGroupIds(omero.model.ExperimenterI()), "the user has no id"),
    (lambda admin: admin.getAdminPrivileges(None), "the user is missing"),
    (lambda admin: admin.addGroups(None, [GROUP]), "the user is missing"),
    (lambda admin: admin.addGroups(USER, [None]), "a group is missing"),
    (lambda admin: admin.removeGroups(USER, [omero.model.ExperimenterGroupI()]), "a group has no id"),
    (lambda admin: admin.setDefaultGroup(USER, None), "the group is missing"),
    (lambda admin: admin.setGroupOwner(GROUP, None), "a user is missing"),
    (lambda admin: admin.addGroupOwners(GROUP, [omero.model.ExperimenterI()]), "a user has no id"),
    (lambda admin: admin.updateSelf(None), "the user is missing"),
    (lambda admin: admin.updateExperimenter(None), "the user is missing"),
    (lambda admin: admin.updateGroup(GROUP), "a loaded group"),
    (lambda admin: admin.deleteGroup(None), "the group is missing"),
    (lambda admin: admin.deleteExperimenter(omero.model.ExperimenterI()), "the user has no id"),
    (lambda admin: admin.createExperimenter(omero.model.ExperimenterI(), GROUP, [None]), "a group is missing"),
    (lambda admin: admin.setAdminPrivileges(USER, [omero.model.AdminPrivilegeI()]), "without its value"),
    (lambda admin: admin.getAdminsWithPrivileges([omero.model.AdminPrivilegeI(1, False)]), "without its value"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), CALLS)
def test_iadmin_says_what_is_missing(lab: Site, call: Callable[[Any], Any], message: str) -> None:
    with lab.client("carol") as client, pytest.raises(omero.ApiUsageException) as refused:
        call(client.sf.getAdminService())

    assert message in refused.value.message
    assert "reference" not in refused.value.message


def test_there_must_be_a_group_to_add_somebody_to(lab: Site) -> None:
    with lab.client("carol") as client, pytest.raises(omero.ValidationException, match="no group"):
        client.sf.getAdminService().addGroups(USER, [])


def test_other_services_say_what_is_missing(lab: Site) -> None:
    with lab.client("alice") as client:
        factory = client.sf
        for call, message in (
            (
                lambda: factory.getContainerService().retrieveCollection(None, "x", None),
                "the object is missing",
            ),
            (lambda: factory.getContainerService().unlink([None], None), "a link to delete is missing"),
            (lambda: factory.getScriptService().validateScript(None, []), "the job is missing"),
            (lambda: factory.createJobHandle().submit(None), "the job is missing"),
            (lambda: client.getManagedRepository().setChecksumAlgorithm(None, []), "checksum algorithm"),
        ):
            with pytest.raises(omero.ApiUsageException, match=message):
                call()


def test_names_too_long_for_a_disk_are_refused(lab: Site) -> None:
    with lab.client("carol") as client, pytest.raises(omero.ValidationException, match="255 bytes"):
        client.getManagedRepository().makeDir("x" * 300, True)


def test_a_parameter_that_cannot_be_compared_with_is_the_querys_fault(lab: Site) -> None:
    with lab.client("alice") as client:
        parameters = omero.sys.ParametersI()
        parameters.map = {"id": rmap({})}
        with pytest.raises(omero.QueryException, match=":id"):
            client.sf.getQueryService().findAllByQuery("from Image i where i.id = :id", parameters)


def test_there_is_no_handle_for_no_request(lab: Site) -> None:
    with lab.client("alice") as client:
        assert client.sf.submit(None) is None
