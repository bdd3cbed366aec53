"""Groups whose permissions open them to people who are not in them."""

from __future__ import annotations

from contextlib import ExitStack

import Glacier2
import omero
import omero.all
import omero.cmd
import pytest
from omero.rtypes import rstring

LEVELS = {"none": "rwra--", "read": "rwr-r-", "annotate": "rwrara", "write": "rwrwrw"}


@pytest.fixture(scope="module")
def people(site):
    """alice with a group of each level, and eve, who is in none of them; everybody's services and the groups' ids."""
    groups = {level: site.group(f"world {level}", written, "alice") for level, written in LEVELS.items()}
    site.group("elsewhere", "rw----", "eve")
    with ExitStack() as stack:
        alice, eve = (stack.enter_context(site.client(name)).sf for name in ("alice", "eve"))
        yield alice, eve, groups


@pytest.fixture
def world(people):
    """Services of alice and eve, and alice's dataset with its call context at a level."""
    alice, eve, groups = people

    def at(level):
        here = {"omero.group": str(groups[level])}
        dataset = omero.model.DatasetI()
        dataset.name = rstring("open")
        saved = alice.getUpdateService().saveAndReturnObject(dataset, here)
        return alice, eve, saved.id.val, here

    return at


def annotated(dataset_id, comment=None):
    link = omero.model.DatasetAnnotationLinkI()
    link.parent = omero.model.DatasetI(dataset_id, False)
    if comment is None:
        comment = omero.model.CommentAnnotationI()
        comment.textValue = rstring("seen")
    link.child = comment
    return link


def test_groups_keep_the_permissions_they_were_made_with(site, people):
    _, _, groups = people
    with site.client("root") as client:
        found = client.sf.getAdminService().getGroup(groups["annotate"])
    assert str(found.details.permissions) == "rwrara"


@pytest.mark.parametrize("context", ["the group", "all groups"])
@pytest.mark.parametrize("level", ["read", "annotate", "write"])
def test_eve_reads_in_a_group_that_the_world_may_read(world, level, context):
    _, eve, dataset, here = world(level)
    where = here if context == "the group" else {"omero.group": "-1"}
    found = eve.getQueryService().get("Dataset", dataset, where)
    permissions = found.details.permissions
    told = (permissions.canEdit(), permissions.canAnnotate(), permissions.canLink(), permissions.canDelete())
    assert told == (level == "write", level != "read", level == "write", level == "write")
    assert not permissions.canChgrp()


def test_eve_does_not_enter_a_group_that_the_world_may_not_read(world):
    _, eve, dataset, here = world("none")
    with pytest.raises(omero.SecurityViolation):
        eve.getQueryService().get("Dataset", dataset, here)
    hql = f"select d from Dataset d where d.id = {dataset}"
    assert eve.getQueryService().findByQuery(hql, None, {"omero.group": "-1"}) is None


@pytest.mark.parametrize(("level", "saves"), [("read", False), ("annotate", False), ("write", True)])
def test_eve_writes_and_annotates_only_where_the_world_may_write(world, level, saves):
    _, eve, dataset, here = world(level)
    found = eve.getQueryService().get("Dataset", dataset, here)
    found.description = rstring("eve was here")
    for graph in (found, annotated(dataset)):
        if saves:
            eve.getUpdateService().saveObject(graph, here)
        else:
            with pytest.raises(omero.SecurityViolation):
                eve.getUpdateService().saveObject(graph, here)


@pytest.mark.parametrize(("level", "saves"), [("read", False), ("annotate", True)])
def test_eve_puts_alices_comment_on_data_only_where_the_world_may_annotate(world, level, saves):
    alice, eve, dataset, here = world(level)
    comment = omero.model.CommentAnnotationI()
    comment.textValue = rstring("good")
    kept = alice.getUpdateService().saveAndReturnObject(comment, here)
    link = annotated(dataset, omero.model.CommentAnnotationI(kept.id.val, False))
    if saves:
        assert eve.getUpdateService().saveAndReturnObject(link, here).child.id.val == kept.id.val
    else:
        with pytest.raises(omero.SecurityViolation):
            eve.getUpdateService().saveObject(link, here)


def test_eve_keeps_her_own_view_of_an_image_that_the_world_may_read(site, people):
    alice, eve, groups = people
    here = {"omero.group": str(groups["read"])}
    types = alice.getTypesService().allEnumerations("PixelsType")
    kind = next(one for one in types if one.value.val == "uint8")
    image_id = alice.getPixelsService().createImage(4, 4, 1, 1, [0], kind, "cells", "", here).val
    query = f"select p.id from Pixels p where p.image.id = {image_id}"
    ((pixels_id,),) = eve.getQueryService().projection(query, None, here)
    settings = eve.getRenderingSettingsService().resetDefaultsInSet("Pixels", [pixels_id.val], here)
    assert settings == [pixels_id.val]
    kept = f"select r.details.owner.omeName from RenderingDef r where r.pixels.id = {pixels_id.val}"
    assert [row[0].val for row in eve.getQueryService().projection(kept, None, here)] == ["eve"]


def test_a_session_starts_in_a_group_that_the_world_may_read(site, world):
    _, _, dataset, _here = world("read")
    with site.client("eve", group="world read") as client:
        assert client.sf.getAdminService().getEventContext().groupName == "world read"
        assert client.sf.getQueryService().get("Dataset", dataset).name.val == "open"


def test_a_session_does_not_start_in_a_group_that_the_world_may_not_read(site, people):
    with (
        pytest.raises(Glacier2.CannotCreateSessionException, match="not a member"),
        site.client("eve", group="world none"),
    ):
        pass


def test_a_group_that_is_closed_to_the_world_is_closed_at_once(site, world, people):
    _, eve, dataset, here = world("read")
    request = omero.cmd.Chmod2(targetObjects={"ExperimenterGroup": [people[2]["read"]]}, permissions="rwr---")
    with site.client("root") as root:
        root.submit(request, loops=100, ms=50).close(True)
        with pytest.raises(omero.SecurityViolation):
            eve.getQueryService().get("Dataset", dataset, here)
        request.permissions = "rwr-r-"
        root.submit(request, loops=100, ms=50).close(True)
    assert eve.getQueryService().get("Dataset", dataset, here).name.val == "open"
