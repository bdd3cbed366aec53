"""Who sees what through a query, and what an object says its viewer may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import unwrap

from omero_embedded.hql.params import from_plain
from omero_embedded.hql.run import objects, project, rows

if TYPE_CHECKING:
    from conftest import World

SECRETS = "select i.name from Image i where i.name like '%secret' or i.name = 'far away' order by i.name"
RIGHTS = ["canEdit", "canAnnotate", "canLink", "canDelete", "canChgrp", "canChown"]


@pytest.mark.parametrize(
    ("name", "group", "expected"),
    [
        ("alice", "lab", []),
        ("alice", "private", ["alices secret"]),
        ("alice", -1, ["alices secret"]),
        ("bob", -1, ["bobs secret"]),
        ("dora", None, ["alices secret", "bobs secret"]),
        ("erin", None, ["far away"]),
        ("erin", -1, ["far away"]),
        ("carol", -1, ["alices secret", "bobs secret", "far away"]),
        ("carol", "private", ["alices secret", "bobs secret"]),
    ],
)
def test_images_are_seen_by_who_may(
    world: World, name: str, group: str | int | None, expected: list[str]
) -> None:
    assert [found for (found,) in rows(world.call(name, group), SECRETS)] == expected


def test_alice_sees_what_is_hers_in_a_group_she_is_not_in_only_when_she_asks_for_all_groups(
    world: World,
) -> None:
    left = world.add("Image", owner="alice", group="elsewhere", name="left behind")
    text = "select i.id from Image i where i.name = 'left behind'"
    assert rows(world.call("alice", -1), text) == [(left,)]
    assert rows(world.call("alice"), text) == []
    assert rows(world.call("bob", -1), text) == []


@pytest.mark.parametrize(
    "text",
    [
        "select count(*) from Image i",
        "select count(distinct i.id) from Image i left join i.pixels p",
        "select count(*) from Image i where i.id in (select j.id from Image j)",
        "select count(*) from Event e, Image i where e.id = i.details.creationEvent.id",
    ],
)
def test_counting_counts_what_is_seen(world: World, text: str) -> None:
    assert rows(world.call("alice", "private"), text) == [(1,)]
    assert rows(world.call("bob", "private"), text) == [(1,)]
    assert rows(world.call("dora", "private"), text) == [(2,)]


def test_hidden_objects_do_not_come_in_through_joins(world: World) -> None:
    """Erin's tag is in another group than the images; nobody else can reach it by any way."""
    link = world.add("ImageAnnotationLink", parent=world["c.tif"], child=world["wild tag"])
    call = world.call("bob")
    assert (
        rows(call, "select l.child.textValue from ImageAnnotationLink l where l.id = :id", {"id": link}) == []
    )
    (found,) = objects(
        call, "select l from ImageAnnotationLink l left join fetch l.child where l.id = :id", {"id": link}
    )
    assert not found.child.loaded
    assert rows(
        call, "select a.id from ImageAnnotationLink l left join l.child a where l.id = :id", {"id": link}
    ) == [(None,)]
    assert (
        objects(call, "select l from ImageAnnotationLink l join fetch l.child where l.id = :id", {"id": link})
        == []
    )
    admin = world.call("carol", -1)
    assert rows(
        admin, "select l.child.textValue from ImageAnnotationLink l where l.id = :id", {"id": link}
    ) == [("wild",)]


def test_size_and_elements_count_what_is_seen(world: World) -> None:
    text = "select size(g.groupExperimenterMap) from ExperimenterGroup g where g.name = 'private'"
    assert rows(world.call("alice"), text) == [(3,)]
    text = "select size(e.groupExperimenterMap) from Experimenter e where e.omeName = 'alice'"
    assert rows(world.call("alice"), text) == [(3,)]


@pytest.mark.parametrize(
    ("name", "owner", "expected"),
    [
        ("alice", "alice", [True, True, True, True, True, False]),
        ("alice", "bob", [False, True, False, False, False, False]),
        ("carol", "bob", [True, True, True, True, True, True]),
    ],
)
def test_the_magic_alias_says_what_the_caller_may_do(
    world: World, name: str, owner: str, expected: list[bool]
) -> None:
    text = "select new map(p.name as name, p as project_details_permissions) from Project p where p.details.owner.omeName = :owner"
    ((found,),) = project(world.call(name, "lab"), text, from_plain({"owner": owner}))
    permissions = unwrap(found)["project_details_permissions"]
    assert permissions["perm"] == "rwra--"
    assert [permissions[right] for right in RIGHTS] == expected


@pytest.mark.parametrize(
    ("name", "owner"), [("alice", "alice"), ("alice", "bob"), ("bob", "alice"), ("carol", "bob")]
)
def test_the_object_says_the_same_as_the_map(world: World, name: str, owner: str) -> None:
    call = world.call(name, "lab")
    ((permissions,),) = rows(
        call,
        "select p.details.permissions from Project p where p.details.owner.omeName = :owner",
        {"owner": owner},
    )
    (found,) = objects(
        call, "select p from Project p where p.details.owner.omeName = :owner", {"owner": owner}
    )
    said = found.details.permissions
    assert str(said) == permissions["perm"]
    methods = [said.canEdit, said.canAnnotate, said.canLink, said.canDelete, said.canChgrp, said.canChown]
    assert [method() for method in methods] == [permissions[right] for right in RIGHTS]


def test_a_group_shows_its_own_permissions(world: World) -> None:
    text = "select g.id, g.name, g.details.permissions from ExperimenterGroup g where g.name != 'user' order by lower(g.name)"
    found = {name: permissions["perm"] for _, name, permissions in rows(world.call("alice"), text)}
    assert (found["lab"], found["private"], found["elsewhere"]) == ("rwra--", "rw----", "rwrw--")
    (group,) = objects(world.call("alice"), "select g from ExperimenterGroup g where g.name = 'private'")
    assert str(group.details.permissions) == "rw----"


def test_permissions_of_an_object_reached_by_path(world: World) -> None:
    text = (
        "select new map(l.child as image_details_permissions) from DatasetImageLink l where l.child.id = :id"
    )
    ((found,),) = project(world.call("bob"), text, from_plain({"id": world["b.tif"]}))
    permissions: dict[str, Any] = unwrap(found)["image_details_permissions"]
    assert (permissions["canEdit"], permissions["canAnnotate"]) == (False, True)
    text = "select x.details.owner.id, x.details.group.details.permissions from Image x where x.id = :id"
    ((owner, of_group),) = rows(world.call("bob"), text, {"id": world["b.tif"]})
    assert (owner, of_group["perm"]) == (world.people["alice"], "rwra--")


def test_one_callers_plan_does_not_serve_another(world: World) -> None:
    """The same text and parameters, asked by turns."""
    for _ in range(2):
        assert [found for (found,) in rows(world.call("alice", -1), SECRETS)] == ["alices secret"]
        assert [found for (found,) in rows(world.call("bob", -1), SECRETS)] == ["bobs secret"]
        assert len(rows(world.call("carol", -1), SECRETS)) == 3


def test_permissions_cannot_be_computed_with(world: World) -> None:
    with pytest.raises(omero.QueryException, match="can be selected, but not compared"):
        rows(world.call("alice"), "select i.id from Image i where i.details.permissions = 1")


def test_keys_of_other_users_sessions_are_hidden(world: World) -> None:
    alice, bob, carol = world.call("alice"), world.call("bob"), world.call("carol")
    key = bob.caller.session_uuid
    text = "select s.uuid, s.owner.omeName from Session s where s.id = :id"
    params = {"id": bob.caller.session_id}
    assert rows(bob, text, params) == [(key, "bob")]
    assert rows(carol, text, params) == [(key, "bob")]
    assert rows(alice, text, params) == [("********", "bob")]
    assert rows(alice, "select s.id from Session s where s.uuid = :key", {"key": key}) == []
    assert rows(alice, "select s.id from Session s where s.uuid like :start", {"start": f"{key[:4]}%"}) == []
    seen = {
        name: objects(call, "select s from Session s where s.id = :id", params)[0].uuid.val
        for name, call in (("alice", alice), ("bob", bob), ("carol", carol))
    }
    assert seen == {"alice": "********", "bob": key, "carol": key}
