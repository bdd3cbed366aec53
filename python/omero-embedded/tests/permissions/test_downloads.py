"""Who may download what: omero.policy.binary_access of the server and of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.constants.permissions import BINARYACCESS
from omero.model import NamedValue
from omero.rtypes import rstring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

NAME = "omero.policy.binary_access"
# What can be downloaded by the owner, a colleague who may read, and an administrator.
CASES = [
    pytest.param(
        [], {"owner": "file image", "colleague": "file image", "administrator": "file image"}, id="default"
    ),
    pytest.param(["-read", "-write"], {"owner": "", "colleague": "", "administrator": ""}, id="nobody"),
    pytest.param(
        ["-read"], {"owner": "file image", "colleague": "", "administrator": "file image"}, id="who may write"
    ),
    pytest.param(
        ["-read,+write,-image", "+plate"],
        {"owner": "file plate", "colleague": "", "administrator": "file plate"},
        id="plates, not images",
    ),
]


@pytest.fixture(scope="module")
def people(site: Site) -> Iterator[dict[str, Any]]:
    group = site.group("downloads", "rwr---", "alice", "bob")
    site.administrator("carol")
    context = {"omero.group": str(group)}
    with site.client("alice") as alice, site.client("bob") as bob, site.client("carol") as carol:
        for client in (alice, bob, carol):
            client.getImplicitContext().put("omero.group", context["omero.group"])
        yield {"owner": alice, "colleague": bob, "administrator": carol, "group": group}


@pytest.fixture
def things(people: dict[str, Any]) -> dict[str, Any]:
    """A file, an image and a plate of alice's; the file has bytes."""
    alice = people["owner"]
    made = {"file": omero.model.OriginalFileI(), "image": omero.model.ImageI(), "plate": omero.model.PlateI()}
    for thing in made.values():
        thing.setName(rstring("data"))
    made["file"].setPath(rstring("/"))
    saved = alice.sf.getUpdateService().saveAndReturnArray(list(made.values()))
    store = alice.sf.createRawFileStore()
    store.setFileId(saved[0].id.val)
    store.write(b"bytes", 0, 5)
    store.close()
    return dict(zip(made, saved, strict=True))


def set_policy(people: dict[str, Any], words: list[str]) -> None:
    admin = people["administrator"].sf.getAdminService()
    group = admin.getGroup(people["group"])
    group.setConfig([NamedValue(NAME, word) for word in words])
    admin.updateGroup(group)


def open_to(client: Any, things: dict[str, Any]) -> str:
    """The names of the things that this person may download."""
    query = client.sf.getQueryService()
    found = {name: query.get(type(thing).__name__, thing.id.val) for name, thing in things.items()}
    return " ".join(
        name for name, thing in found.items() if not thing.details.permissions.isRestricted(BINARYACCESS)
    )


@pytest.mark.parametrize(("words", "expected"), CASES)
def test_a_group_says_what_can_be_downloaded_from_it(
    people: dict[str, Any], things: dict[str, Any], words: list[str], expected: dict[str, str]
) -> None:
    set_policy(people, words)
    assert {role: open_to(people[role], things) for role in expected} == expected


def test_bob_cannot_open_what_the_policy_keeps_back_and_alice_can_still_write_it(
    people: dict[str, Any], things: dict[str, Any]
) -> None:
    set_policy(people, ["-read", "-write"])
    with pytest.raises(omero.SecurityViolation, match="restricted"):
        people["colleague"].sf.createRawFileStore().setFileId(things["file"].id.val)
    store = people["owner"].sf.createRawFileStore()
    store.setFileId(things["file"].id.val)
    store.write(b"other", 0, 5)
    with pytest.raises(omero.SecurityViolation, match="restricted"):
        store.read(0, 5)
    store.close()


def test_a_saved_plate_comes_back_with_the_restriction_that_a_query_shows(people: dict[str, Any]) -> None:
    set_policy(people, ["-plate"])
    plate = omero.model.PlateI()
    plate.setName(rstring("cells"))
    saved = people["owner"].sf.getUpdateService().saveAndReturnObject(plate)
    assert saved.details.permissions.isRestricted(BINARYACCESS)
    set_policy(people, ["+plate"])
    again = people["owner"].sf.getQueryService().get("Plate", saved.id.val)
    assert not again.details.permissions.isRestricted(BINARYACCESS)


def test_the_servers_policy_counts_where_a_group_has_none(
    people: dict[str, Any], things: dict[str, Any]
) -> None:
    set_policy(people, [])
    config = people["administrator"].sf.getConfigService()
    config.setConfigValue(NAME, "+read,+write,-image,+plate")
    try:
        assert open_to(people["colleague"], things) == "file plate"
    finally:
        config.setConfigValue(NAME, "")
