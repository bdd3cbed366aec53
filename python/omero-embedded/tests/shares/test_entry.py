"""Ways into a share and out of it."""

from __future__ import annotations

import time
from contextlib import contextmanager

import omero
import omero.all
import pytest
from omero.rtypes import rtime

from omero_embedded.testing import Site


@contextmanager
def with_key(people, key):
    """A client that logged in with the key of a share."""
    client = omero.client(host=people.site.address)
    try:
        client.createSession(key, key)
        yield client
    finally:
        client.__del__()


def context(client):
    return client.sf.getAdminService().getEventContext()


def test_an_activated_share_is_all_that_a_session_sees_until_it_is_deactivated(people, image, secret):
    share = people.share(image)
    with people.site.client("alice") as alice:
        alice.sf.getShareService().activate(share)

        assert context(alice).shareId == share
        assert [one.id.val for one in alice.sf.getQueryService().findAll("Image", None)] == [image]

        alice.sf.getShareService().deactivate()

        assert context(alice).shareId == -1
        assert alice.sf.getQueryService().get("Image", secret).name.val == "secret.tif"


def test_the_security_context_can_be_a_share(people, image):
    share = people.share(image)
    with people.site.client("bob") as bob:
        group = context(bob).groupId
        assert share in [
            one.id.val for one in bob.sf.getSecurityContexts() if isinstance(one, omero.model.Share)
        ]

        before = bob.sf.setSecurityContext(omero.model.ShareI(share, False))
        assert bob.sf.getQueryService().get("Image", image).name.val == "shared.tif"
        inside = bob.sf.setSecurityContext(before)

        assert (before.id.val, inside.id.val) == (group, share)
        with pytest.raises(omero.SecurityViolation):
            bob.sf.getQueryService().get("Image", image)


@pytest.mark.parametrize("who", ["carol", "dora"])
def test_who_is_no_member_gets_in_by_no_way(people, image, who):
    share = people.share(image)

    with pytest.raises(omero.SecurityViolation):
        people.query(who).get("Image", image, {"omero.share": str(share)})
    with pytest.raises(omero.ValidationException):
        people.shares(who).activate(share)
    with pytest.raises(omero.ValidationException):
        people.sessions[who].sf.setSecurityContext(omero.model.ShareI(share, False))
    assert context(people.sessions[who]).shareId == -1


def test_an_administrator_looks_into_any_share_and_sees_no_more_than_others(people, image, secret):
    share = people.share(image)

    assert people.seen("root", share, "select i.id from Image i") == [image]
    with pytest.raises(omero.SecurityViolation):
        people.query("root").get("Image", secret, {"omero.share": str(share)})


@pytest.mark.parametrize("share", ["-100", "99999999"])
def test_a_share_that_does_not_exist_shows_nothing(people, image, share):
    with pytest.raises(omero.SecurityViolation):
        people.query("alice").get("Image", image, {"omero.share": share})


def test_the_name_of_a_share_has_to_be_its_id(people, image):
    with pytest.raises(omero.ApiUsageException):
        people.query("alice").get("Image", image, {"omero.share": "holiday"})


def test_disabled_closed_and_expired_shares_are_open_to_nobody(people, image):
    disabled, closed, expired = people.share(image, enabled=False), people.share(image), people.share(image)
    people.shares("alice").closeShare(closed)
    moment = int(time.time() * 1000) + 300
    people.shares("alice").setExpiration(expired, rtime(moment))
    while time.time() * 1000 <= moment:
        time.sleep(0.05)

    for share in (disabled, closed, expired):
        for who in ("alice", "bob", "root"):
            with pytest.raises(omero.SecurityViolation):
                people.query(who).get("Image", image, {"omero.share": str(share)})
            with pytest.raises(omero.ValidationException):
                people.shares(who).activate(share)
    assert people.shares("bob").getShare(expired) is not None
    assert expired not in [one.id.val for one in people.shares("bob").getMemberShares(True)]


def test_what_is_open_closes_for_a_session_that_is_inside(people, image):
    share = people.share(image)
    with people.site.client("bob") as bob:
        bob.sf.getShareService().activate(share)
        query = bob.sf.getQueryService()
        raw = bob.sf.createRawPixelsStore()
        raw.setPixelsId(query.projection("select p.id from Pixels p", None)[0][0].val, False)
        assert raw.getPlane(0, 0, 0)

        people.shares("alice").removeUser(share, people.user("bob"))

        for ask in (lambda: query.get("Image", image), lambda: raw.getPlane(0, 0, 0)):
            with pytest.raises(omero.SecurityViolation):
                ask()
        bob.sf.getShareService().deactivate()
        with pytest.raises(omero.SecurityViolation):
            raw.getPlane(0, 0, 0)
        assert query.findAll("Image", None) == [] or image not in [
            one.id.val for one in query.findAll("Image", None)
        ]


def test_a_store_that_was_used_in_a_share_serves_other_images_again(people, image):
    own = people.site.image("bob", "bobs.tif")
    share = people.share(image)
    pixels = people.seen("bob", share, "select p.id from Pixels p")[0]
    raw = people.sessions["bob"].sf.createRawPixelsStore()
    raw.setPixelsId(pixels, False, {"omero.share": str(share)})

    mine = (
        people.query("bob").projection(f"select p.id from Pixels p where p.image.id = {own}", None)[0][0].val
    )
    raw.setPixelsId(mine, False)

    assert len(raw.getPlane(0, 0, 0)) == 2 * 32 * 32


def test_connections_tell_who_is_inside_and_who_was(people, image):
    share = people.share(image, members=("bob", "carol"))
    shares = people.shares("alice")
    with people.site.client("bob") as bob, people.site.client("carol") as carol:
        bob.sf.getShareService().activate(share)
        carol.sf.getShareService().activate(share)
        carol.sf.getShareService().deactivate()
        assert set(shares.getActiveConnections(share)) == {"bob"}
        assert set(shares.getPastConnections(share)) == {"carol"}

        shares.invalidateConnection(share, people.user("bob"))

        assert shares.getActiveConnections(share) == {}
        assert context(bob).shareId == -1


# With the key of a share


def test_the_key_of_a_share_is_for_its_owner(people, image):
    share = people.share(image)
    key = people.shares("alice").getShare(share).uuid.val

    assert len(key) == 36
    assert people.shares("root").getShare(share).uuid.val == key
    assert people.shares("bob").getShare(share).uuid.val == "********"
    for who in ("bob", "carol"):
        found = people.query(who).projection(f"select s.uuid from Share s where s.uuid = '{key}'", None)
        assert found == [], who


def test_the_key_of_a_share_opens_the_share_and_nothing_else(people, image, secret):
    share, other = people.share(image), people.share(secret)
    with with_key(people, people.shares("alice").getShare(share).uuid.val) as guest:
        query, shares = guest.sf.getQueryService(), guest.sf.getShareService()

        assert [one.id.val for one in query.findAll("Image", None)] == [image]
        assert [one.id.val for one in shares.getOwnShares(False)] == [share]
        assert [one.id.val for one in shares.getContents(share)] == [image]
        assert shares.getShare(other) is None
        shares.activate(share)
        with pytest.raises(omero.SecurityViolation):
            query.get("Image", secret)
        with pytest.raises(omero.SecurityViolation):
            query.get("Image", secret, {"omero.share": str(other)})
        with pytest.raises(omero.SecurityViolation):
            query.get("Image", secret, {"omero.group": "-1"})
        for leave in (
            shares.deactivate,
            lambda: shares.activate(other),
            lambda: guest.sf.setSecurityContext(
                omero.model.ExperimenterGroupI(context(guest).groupId, False)
            ),
            lambda: shares.addComment(share, "hello"),
            lambda: shares.createShare("", None, [omero.model.ImageI(image, False)], [], [], True),
            lambda: shares.addUser(share, people.user("carol")),
        ):
            with pytest.raises((omero.SecurityViolation, omero.ValidationException)):
                leave()


def test_the_key_of_an_administrators_share_makes_no_administrator(people, image):
    share = people.share(image, owner="root")
    with with_key(people, people.shares("root").getShare(share).uuid.val) as guest:
        admin = guest.sf.getAdminService()

        assert admin.getEventContext().isAdmin is False
        assert admin.getEventContext().adminPrivileges == []
        with pytest.raises(omero.SecurityViolation):
            admin.changeUserPassword("bob", omero.rtypes.rstring("known to me"))
        with pytest.raises(omero.SecurityViolation):
            guest.sf.getSessionService().getMyOpenSessions()


def test_a_disabled_share_locks_out_who_has_its_key(people, image):
    share = people.share(image)
    key = people.shares("alice").getShare(share).uuid.val
    with with_key(people, key) as guest:
        people.shares("alice").setActive(share, False)

        with pytest.raises(omero.SecurityViolation):
            guest.sf.getQueryService().findAll("Image", None)
        with pytest.raises(omero.SecurityViolation):
            guest.sf.getShareService().getContents(share)
    closed = people.share(image)
    key = people.shares("alice").getShare(closed).uuid.val
    people.shares("alice").closeShare(closed)
    with pytest.raises(Exception, match="no open session"), with_key(people, key):
        pass


def test_closing_a_session_of_a_share_leaves_the_share_open(people, image):
    share = people.share(image)
    found = people.shares("alice").getShare(share)

    assert people.sessions["alice"].sf.getSessionService().closeSession(found) == -2

    assert people.seen("bob", share, "select i.id from Image i") == [image]


# A store that lasts


def test_shares_outlast_a_restart(tmp_path):
    site = Site(tmp_path)
    site.group("lab", "rw----", "alice")
    site.group("elsewhere", "rw----", "bob")
    image = site.image("alice", "kept.tif")
    with site.client("alice") as alice:
        shares = alice.sf.getShareService()
        bob = omero.model.ExperimenterI(site.user_id("bob"), False)
        share = shares.createShare(
            "kept", None, [omero.model.ImageI(image, False)], [bob], ["eve@example.org"], True
        )
        shares.addComment(share, "kept, too")
        key = shares.getShare(share).uuid.val
    site.stop()

    site = Site(tmp_path)
    try:
        with site.client("bob") as bob:
            query, shares = bob.sf.getQueryService(), bob.sf.getShareService()
            assert query.get("Image", image, {"omero.share": str(share)}).name.val == "kept.tif"
            assert [one.textValue.val for one in shares.getComments(share)] == ["kept, too"]
            assert shares.getAllGuests(share) == ["eve@example.org"]
        guest = omero.client(host=site.address)
        guest.createSession(key, key)
        assert [one.id.val for one in guest.sf.getQueryService().findAll("Image", None)] == [image]
        guest.closeSession()
    finally:
        site.stop()


def test_a_store_from_before_there_were_shares_gets_their_tables(tmp_path):
    site = Site(tmp_path)
    with site.server.db.write() as connection:
        for table in ("share_item", "share_guest", "share_use"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    site.stop()

    site = Site(tmp_path)
    try:
        with site.client("root") as root:
            shares = root.sf.getShareService()
            assert shares.getContentSize(shares.createShare("", None, [], [], [], True)) == 0
    finally:
        site.stop()
