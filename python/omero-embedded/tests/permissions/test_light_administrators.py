"""Administrators with some privileges act as ordinary users in everything else."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
import pytest
from omero.rtypes import rstring
from sqlalchemy import update

from omero_embedded.files.repositories import repositories_of
from omero_embedded.files.rows import TABLE

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


# Whose file it is does not matter; where it lies does.
PLACES = {"ManagedRepo": "managed", "ScriptRepo": "scripts", "File": "public"}


def someone_elses_file(lab: Any, place: str) -> int:
    """A file of alice's, in a repository or, for "File", in none."""
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring("notes.txt"), rstring("/")
    context = lab.in_group("read-only")
    made: int = lab.sessions["alice"].sf.getUpdateService().saveAndReturnObject(file, context).id.val
    repositories = repositories_of(lab.site.server)
    repo = None if place == "File" else getattr(repositories, PLACES[place]).uuid
    with lab.site.server.db.write() as connection:
        connection.execute(update(TABLE).where(TABLE.c.id == made).values(repo=repo))
    return made


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("granted", PLACES)
def test_privileges_on_files_go_by_the_repository(lab: Any, granted: str, place: str) -> None:
    file_id = someone_elses_file(lab, place)
    name = f"keeper-{granted.lower()}"
    lab.site.administrator(name, f"Write{granted}", f"Delete{granted}")
    with lab.site.client(name) as keeper:
        everywhere, here = {"omero.group": "-1"}, lab.in_group("read-only")
        file = keeper.sf.getQueryService().get("OriginalFile", file_id, everywhere)
        file.name = rstring("renamed.txt")
        allowed = granted == place
        for attempt in (
            lambda: keeper.sf.getUpdateService().saveObject(file, here),
            lambda: keeper.sf.getUpdateService().deleteObject(
                omero.model.OriginalFileI(file_id, False), here
            ),
        ):
            if allowed:
                attempt()
            else:
                with pytest.raises(omero.SecurityViolation):
                    attempt()
