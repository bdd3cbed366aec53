"""IAdmin changes owner and group of single objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from omero_embedded.testing import Site

EVERYWHERE = {"omero.group": "-1"}


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwra--", "alice", "bob", owners=("oscar",))
    site.group("second", "rwra--", "alice")
    site.administrator("carol")
    site.administrator("clerk", "ModifyUser")
    return site


def dataset(client: Any, name: str = "box") -> Any:
    made = omero.model.DatasetI()
    made.name = rstring(name)
    return client.sf.getUpdateService().saveAndReturnObject(made)


def details(client: Any, kind: str, object_id: int) -> tuple[str, str]:
    """Whose it is and in which group."""
    query = f"select o.details.owner.omeName, o.details.group.name from {kind} o where o.id = {object_id}"
    [[owner, group]] = client.sf.getQueryService().projection(query, None, EVERYWHERE)
    return owner.val, group.val


def in_lab(lab: Site) -> dict[str, str]:
    with lab.client("alice", group="lab") as client:
        return {"omero.group": str(client.sf.getAdminService().getEventContext().groupId)}


def test_carol_gives_alices_dataset_to_bob(lab: Site) -> None:
    with lab.client("alice") as alice, lab.client("carol") as carol:
        made = dataset(alice)

        carol.sf.getAdminService().changeOwner(made, "bob", in_lab(lab))

        assert details(carol, "Dataset", made.id.val) == ("bob", "lab")


def test_who_lacks_the_privilege_gives_nothing_away(lab: Site) -> None:
    with lab.client("alice") as alice, lab.client("clerk") as clerk:
        made = dataset(alice)
        for client in (alice, clerk):
            with pytest.raises(omero.SecurityViolation):
                client.sf.getAdminService().changeOwner(made, "bob", in_lab(lab))
        assert details(alice, "Dataset", made.id.val) == ("alice", "lab")


def test_nobody_gets_what_is_given_to_nobody(lab: Site) -> None:
    with lab.client("carol") as carol:
        made = dataset(carol)
        with pytest.raises(omero.ApiUsageException, match="no user 'nobody'"):
            carol.sf.getAdminService().changeOwner(made, "nobody")
        with pytest.raises(omero.ApiUsageException, match="neither owner nor group"):
            carol.sf.getAdminService().changeOwner(carol.sf.getAdminService().getGroup(0), "bob")
        with pytest.raises(omero.ApiUsageException, match="the object is missing"):
            carol.sf.getAdminService().changeOwner(None, "bob")


def test_alice_moves_an_image_with_its_pixels(lab: Site) -> None:
    image = lab.image("alice")
    with lab.client("alice") as alice:
        alice.sf.getAdminService().changeGroup(omero.model.ImageI(image, False), "second")

        assert details(alice, "Image", image) == ("alice", "second")
        query = f"select c.details.group.name from Channel c where c.pixels.image.id = {image}"
        rows = alice.sf.getQueryService().projection(query, None, EVERYWHERE)
        assert [row[0].val for row in rows] == ["second"]


def test_what_others_refer_to_is_not_moved(lab: Site) -> None:
    with lab.client("alice") as alice:
        made = dataset(alice)
        link = omero.model.ProjectDatasetLinkI()
        link.parent, link.child = omero.model.ProjectI(), made.proxy()
        link.parent.name = rstring("shelf")
        alice.sf.getUpdateService().saveObject(link)

        with pytest.raises(omero.SecurityViolation, match="1 ProjectDatasetLink"):
            alice.sf.getAdminService().changeGroup(made, "second")

        assert details(alice, "Dataset", made.id.val) == ("alice", "lab")


def test_objects_are_moved_by_their_owner_to_a_group_of_hers_only(lab: Site) -> None:
    with lab.client("alice") as alice, lab.client("bob") as bob, lab.client("carol") as carol:
        made = dataset(alice)
        for client, group in ((bob, "lab"), (bob, "second"), (alice, "user"), (carol, "second")):
            with pytest.raises(omero.SecurityViolation):
                client.sf.getAdminService().changeGroup(made, group, in_lab(lab))
        with pytest.raises(omero.ApiUsageException, match="no group 'nowhere'"):
            alice.sf.getAdminService().changeGroup(made, "nowhere")
        assert details(alice, "Dataset", made.id.val) == ("alice", "lab")


def test_the_owner_of_a_group_shares_an_object_with_everybody(lab: Site) -> None:
    with lab.client("alice") as alice, lab.client("oscar") as oscar:
        made = dataset(alice)
        with pytest.raises(omero.SecurityViolation, match="alice neither"):
            alice.sf.getAdminService().moveToCommonSpace([made])

        oscar.sf.getAdminService().moveToCommonSpace([made, None])
        oscar.sf.getAdminService().moveToCommonSpace([made])

        assert details(alice, "Dataset", made.id.val) == ("alice", "user")


def test_who_cannot_see_an_object_does_not_share_it(lab: Site) -> None:
    lab.group("private", "rw----", "dave")
    with lab.client("dave") as dave, lab.client("oscar") as oscar:
        made = dataset(dave)
        with pytest.raises(omero.ValidationException, match="oscar can see"):
            oscar.sf.getAdminService().moveToCommonSpace([made], EVERYWHERE)


def test_a_forgotten_password_is_not_mailed_and_stays(lab: Site) -> None:
    with lab.client("carol") as carol:
        admin = carol.sf.getAdminService()
        for name in ("bob", "carol"):
            user = admin.lookupExperimenter(name)
            user.email = rstring(f"{name}@example.org")
            admin.updateExperimenter(user)
        for name, email, refusal, message in (
            ("nobody", "", omero.SecurityViolation, "Unknown user"),
            ("alice", "alice@example.org", omero.SecurityViolation, "no email"),
            ("bob", "other@example.org", omero.SecurityViolation, "does not match"),
            ("carol", "carol@example.org", omero.ApiUsageException, "administrators"),
            ("bob", "bob@example.org", omero.ApiUsageException, "password was not changed"),
        ):
            with pytest.raises(refusal, match=message):
                admin.reportForgottenPassword(name, email)
    with lab.client("bob") as bob:
        assert bob.sf.getAdminService().getEventContext().userName == "bob"


def test_credentials_do_not_expire(lab: Site) -> None:
    with lab.client("bob") as bob, pytest.raises(omero.ApiUsageException, match="does not offer it either"):
        bob.sf.getAdminService().changeExpiredCredentials("bob", "old", "new")
