"""Administrators with some privileges act as ordinary users in everything else."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a privilege lets its holder do with data of a read-only group that she is no member of.
GRANTS: dict[str, set[str]] = {
    "WriteOwned": {"edit", "annotate"},
    "DeleteOwned": {"delete"},
    "Chgrp": {"move"},
    "Chown": {"give"},
    "Sudo": set(),
}


@pytest.fixture(scope="module")
def helpers(lab: Any) -> Iterator[dict[str, Any]]:
    """A session for an administrator with each single privilege."""
    with ExitStack() as stack:
        sessions = {}
        for privilege in GRANTS:
            name = f"helper-{privilege.lower()}"
            lab.site.administrator(name, privilege)
            sessions[privilege] = stack.enter_context(lab.site.client(name))
        yield sessions


def attempt(lab: Any, session: Any, action: str, dataset_id: int) -> bool:
    update = session.sf.getUpdateService()
    context = lab.in_group("read-only")
    targets = {"Dataset": [dataset_id]}
    try:
        if action == "edit":
            dataset = lab.find("alice", dataset_id)
            dataset.description = rstring("edited")
            update.saveObject(dataset, context)
        elif action == "annotate":
            link = omero.model.DatasetAnnotationLinkI()
            link.parent = omero.model.DatasetI(dataset_id, False)
            link.child = omero.model.CommentAnnotationI()
            update.saveObject(link, context)
        else:
            request = {
                "delete": omero.cmd.Delete2(targetObjects=targets),
                "move": omero.cmd.Chgrp2(targetObjects=targets, groupId=lab.groups["read-write"]),
                "give": omero.cmd.Chown2(targetObjects=targets, userId=lab.site.user_id("bob")),
            }[action]
            callback = session.submit(request, loops=200, ms=50, failonerror=False)
            try:
                return not isinstance(callback.getResponse(), omero.cmd.ERR)
            finally:
                callback.close(True)
    except omero.SecurityViolation:
        return False
    return True


@pytest.mark.parametrize("action", ["edit", "annotate", "delete", "move", "give"])
@pytest.mark.parametrize("privilege", GRANTS)
def test_a_privilege_allows_its_own_actions_only(
    lab: Any, helpers: dict[str, Any], privilege: str, action: str
) -> None:
    dataset_id = lab.dataset("read-only")

    assert attempt(lab, helpers[privilege], action, dataset_id) == (action in GRANTS[privilege])


@pytest.mark.parametrize("privilege", GRANTS)
def test_every_administrator_sees_everything(lab: Any, helpers: dict[str, Any], privilege: str) -> None:
    dataset_id = lab.dataset("private")

    query = helpers[privilege].sf.getQueryService()

    assert query.find("Dataset", dataset_id, {"omero.group": "-1"}).id.val == dataset_id


def test_an_administrator_without_modify_user_cannot_make_users(lab: Any, helpers: dict[str, Any]) -> None:
    mallory = omero.model.ExperimenterI()
    for name in ("omeName", "firstName", "lastName"):
        setattr(mallory, name, rstring("mallory"))
    mallory.ldap = omero.rtypes.rbool(False)

    with pytest.raises(omero.SecurityViolation):
        helpers["WriteOwned"].sf.getUpdateService().saveObject(mallory)
