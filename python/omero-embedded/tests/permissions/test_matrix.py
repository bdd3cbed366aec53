"""Who may do what with other people's data, at every permission level, as OMERO documents it.

Source: OMERO documentation, "Groups and permissions system", the permissions tables. Linking is "mix data" there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = ("private", "read-only", "read-annotate", "read-write")
PEOPLE = {
    "owner": "alice",
    "member": "bob",
    "group owner": "dora",
    "outsider": "eve",
    "administrator": "carol",
}
EVERYTHING = {"see", "annotate", "edit", "link", "delete"}
# What each role may do, by level.
ALLOWED: dict[str, dict[str, set[str]]] = {
    "owner": dict.fromkeys(LEVELS, EVERYTHING),
    "member": {
        "private": set(),
        "read-only": {"see"},
        "read-annotate": {"see", "annotate"},
        "read-write": EVERYTHING,
    },
    "group owner": dict.fromkeys(LEVELS, EVERYTHING) | {"private": {"see", "edit", "delete"}},
    "outsider": {level: set() for level in LEVELS},
    "administrator": dict.fromkeys(LEVELS, EVERYTHING) | {"private": {"see", "edit", "delete"}},
}


def see(lab: Any, who: str, level: str, dataset_id: int) -> bool:
    return lab.find(who, dataset_id) is not None


def annotate(lab: Any, who: str, level: str, dataset_id: int) -> bool:
    link = omero.model.DatasetAnnotationLinkI()
    link.parent = omero.model.DatasetI(dataset_id, False)
    link.child = omero.model.CommentAnnotationI()
    link.child.textValue = rstring("seen")
    return saved(lab, who, level, link)


def edit(lab: Any, who: str, level: str, dataset_id: int) -> bool:
    # With a copy that somebody who cannot see it might have got from elsewhere.
    dataset = lab.find("alice", dataset_id)
    dataset.description = rstring(f"edited by {who}")
    return (
        saved(lab, who, level, dataset)
        and lab.find("alice", dataset_id).description.val == f"edited by {who}"
    )


def link(lab: Any, who: str, level: str, dataset_id: int) -> bool:
    mine = omero.model.ProjectI()
    mine.name = rstring(f"collected by {who}")
    joined = omero.model.ProjectDatasetLinkI()
    joined.parent = mine
    joined.child = omero.model.DatasetI(dataset_id, False)
    return saved(lab, who, level, joined)


def delete(lab: Any, who: str, level: str, dataset_id: int) -> bool:
    response = lab.run(who, omero.cmd.Delete2(targetObjects={"Dataset": [dataset_id]}))
    gone = lab.find("alice", dataset_id) is None
    assert gone == isinstance(response, omero.cmd.Delete2Response)
    return gone


def saved(lab: Any, who: str, level: str, graph: Any) -> bool:
    try:
        lab.sessions[who].sf.getUpdateService().saveObject(graph, lab.in_group(level))
    except omero.SecurityViolation:
        return False
    return True


ACTIONS: dict[str, Callable[[Any, str, str, int], bool]] = {
    "see": see,
    "annotate": annotate,
    "edit": edit,
    "link": link,
    "delete": delete,
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("level", LEVELS)
def test_each_role_can_do_what_the_level_allows_and_nothing_else(
    lab: Any, level: str, role: str, action: str
) -> None:
    dataset_id = lab.dataset(level)

    done = ACTIONS[action](lab, PEOPLE[role], level, dataset_id)

    assert done == (action in ALLOWED[role][level])


@pytest.mark.parametrize("role", [role for role in PEOPLE if role != "outsider"])
@pytest.mark.parametrize("level", LEVELS)
def test_objects_arrive_with_permissions_that_say_what_is_allowed(lab: Any, level: str, role: str) -> None:
    dataset_id = lab.dataset(level)
    found = lab.find(PEOPLE[role], dataset_id)
    allowed = ALLOWED[role][level]
    if found is None:
        assert "see" not in allowed
        return

    permissions = found.details.permissions
    told = {
        "annotate": permissions.canAnnotate(),
        "edit": permissions.canEdit(),
        "link": permissions.canLink(),
        "delete": permissions.canDelete(),
    }

    assert {action for action, can in told.items() if can} == allowed - {"see"}
    assert permissions.canChgrp() == (role in ("owner", "administrator"))
    assert permissions.canChown() == (role in ("group owner", "administrator"))


@pytest.mark.parametrize("level", LEVELS)
def test_the_permissions_of_a_saved_object_are_those_of_its_group(lab: Any, level: str) -> None:
    dataset = omero.model.DatasetI()
    dataset.name = rstring("fresh")

    made = lab.sessions["alice"].sf.getUpdateService().saveAndReturnObject(dataset, lab.in_group(level))

    assert made.details.group.id.val == lab.groups[level]
    assert str(made.details.permissions) == str(lab.find("alice", made.id.val).details.permissions)
    assert made.details.permissions.canEdit()


@pytest.mark.parametrize(("level", "allowed"), [("read-only", False), ("read-annotate", True)])
def test_bob_can_put_a_roi_on_alices_image_where_he_can_annotate(lab: Any, level: str, allowed: bool) -> None:
    image = omero.model.ImageI()
    image.name = rstring("cells")
    image = lab.sessions["alice"].sf.getUpdateService().saveAndReturnObject(image, lab.in_group(level))
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image.id.val, False)
    roi.addShape(omero.model.PointI())

    assert saved(lab, "bob", level, roi) == allowed


@pytest.mark.parametrize("level", ["read-only", "read-annotate"])
def test_bob_cannot_put_his_image_into_alices_dataset(lab: Any, level: str) -> None:
    image = omero.model.ImageI()
    image.name = rstring("bob's")
    image = lab.sessions["bob"].sf.getUpdateService().saveAndReturnObject(image, lab.in_group(level))
    joined = omero.model.DatasetImageLinkI()
    joined.parent = omero.model.DatasetI(lab.dataset(level), False)
    joined.child = omero.model.ImageI(image.id.val, False)

    assert not saved(lab, "bob", level, joined)


def test_objects_of_two_groups_cannot_be_linked(lab: Any) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("here")
    joined = omero.model.ProjectDatasetLinkI()
    joined.parent = project
    joined.child = omero.model.DatasetI(lab.dataset("read-write"), False)

    with pytest.raises(omero.GroupSecurityViolation) as refused:
        lab.sessions["alice"].sf.getUpdateService().saveObject(joined, lab.in_group("read-annotate"))

    assert "cannot be linked" in refused.value.message


def test_nothing_of_a_refused_save_stays(lab: Any) -> None:
    dataset_id = lab.dataset("read-only")
    comment = omero.model.CommentAnnotationI()
    comment.textValue = rstring("must not stay")
    link = omero.model.DatasetAnnotationLinkI()
    link.parent = omero.model.DatasetI(dataset_id, False)
    link.child = comment
    assert not saved(lab, "bob", "read-only", link)

    left = (
        lab.sessions["root"]
        .sf.getQueryService()
        .findAllByQuery(
            "select a from CommentAnnotation a where a.textValue = 'must not stay'",
            None,
            {"omero.group": "-1"},
        )
    )

    assert left == []


def test_alice_cannot_give_her_own_data_another_owner_when_saving(lab: Any) -> None:
    dataset = omero.model.DatasetI()
    dataset.name = rstring("foisted")
    dataset.details.owner = omero.model.ExperimenterI(lab.site.user_id("bob"), False)

    assert not saved(lab, "alice", "read-write", dataset)


def test_carol_can_make_data_for_alice_even_in_a_private_group(lab: Any) -> None:
    dataset_id = lab.dataset("private")
    link = omero.model.DatasetAnnotationLinkI()
    link.parent = omero.model.DatasetI(dataset_id, False)
    link.child = omero.model.CommentAnnotationI()
    link.child.textValue = rstring("for alice")
    alice = omero.model.ExperimenterI(lab.site.user_id("alice"), False)
    link.details.owner = alice
    link.child.details.owner = alice

    assert saved(lab, "carol", "private", link)


def test_users_cannot_make_users(lab: Any) -> None:
    mallory = omero.model.ExperimenterI()
    for name in ("omeName", "firstName", "lastName"):
        setattr(mallory, name, rstring("mallory"))
    mallory.ldap = omero.rtypes.rbool(False)

    assert not saved(lab, "dora", "read-write", mallory)
