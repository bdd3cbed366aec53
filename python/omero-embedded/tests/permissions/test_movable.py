"""Of which objects clients are told that they may be moved to another group or given to another owner."""

from __future__ import annotations

from typing import Any

import omero
import omero.all
import pytest
from omero.rtypes import rstring, unwrap


def named(kind: str) -> Any:
    one = getattr(omero.model, f"{kind}I")()
    one.name = rstring("new")
    return one


def example(kind: str) -> Any:
    """A graph to save that holds an object of this class."""
    if kind == "ProjectDatasetLink":
        link = omero.model.ProjectDatasetLinkI()
        link.parent, link.child = named("Project"), named("Dataset")
        return link
    if kind == "Reagent":
        reagent = named("Reagent")
        reagent.screen = named("Screen")
        return reagent
    if kind == "Point":
        roi = omero.model.RoiI()
        roi.addShape(omero.model.PointI())
        return roi
    return named(kind)


@pytest.mark.parametrize(
    ("name", "moves", "goes"),
    [
        ("Dataset", True, True),
        ("ProjectDatasetLink", False, True),
        ("Reagent", False, True),
        ("Point", False, False),
    ],
)
def test_only_what_can_be_moved_or_given_by_itself_says_so(lab, name, moves, goes):
    services, here = lab.sessions["carol"].sf, lab.in_group("read-write")
    saved = services.getUpdateService().saveAndReturnObject(example(name), here)
    saved = saved.copyShapes()[0] if name == "Point" else saved
    query = services.getQueryService()
    read = query.get(name, saved.id.val, here)
    hql = f"select x as x_details_permissions from {name} x where x.id = {saved.id.val}"
    ((told,),) = unwrap(query.projection(hql, None, here))
    for permissions in (saved.details.permissions, read.details.permissions):
        assert (permissions.canChgrp(), permissions.canChown()) == (moves, goes)
    assert (told["canChgrp"], told["canChown"]) == (moves, goes)


def test_links_are_given_but_not_moved_by_themselves(lab):
    services, here = lab.sessions["carol"].sf, lab.in_group("read-write")
    link = services.getUpdateService().saveAndReturnObject(example("ProjectDatasetLink"), here)
    targets = {"ProjectDatasetLink": [link.id.val]}
    moved = lab.run("carol", omero.cmd.Chgrp2(targetObjects=targets, groupId=lab.groups["read-only"]))
    given = lab.run("carol", omero.cmd.Chown2(targetObjects=targets, userId=lab.site.user_id("bob")))
    assert isinstance(moved, omero.cmd.ERR)
    assert isinstance(given, omero.cmd.Chown2Response)
