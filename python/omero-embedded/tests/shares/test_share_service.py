"""Making shares, saying who sees them, and talking about them."""

from __future__ import annotations

import time

import omero
import omero.all
import pytest
from omero.rtypes import rstring, rtime

HOUR_MS = 3_600_000


def soon(hours=1):
    return rtime(int(time.time() * 1000) + hours * HOUR_MS)


def ids(objects):
    return [one.id.val for one in objects]


# Making and changing


def test_a_share_tells_what_it_is_about_whose_it_is_and_until_when(people, image):
    expiration = soon()
    share = people.share(image, description="cells", expiration=expiration, members=("bob", "carol"))

    found = people.shares("bob").getShare(share)

    assert found.message.val == "cells"
    assert found.owner.omeName.val == "alice"
    assert found.group.name.val == "alices lab"
    assert found.started.val + found.timeToLive.val == expiration.val
    assert (found.itemCount.val, found.active.val, found.closed) == (1, True, None)
    assert people.shares("bob").getMemberCount([share]) == {share: 3}


def test_a_share_without_expiration_lasts_for_ever(people, image):
    found = people.shares("alice").getShare(people.share(image))

    assert found.started.val + found.timeToLive.val == 2**63 - 1


def test_the_owner_changes_description_expiration_and_whether_it_is_enabled(people, image):
    shares, share, later = people.shares("alice"), people.share(image), soon(5)

    shares.setDescription(share, "nuclei")
    shares.setExpiration(share, later)
    shares.setActive(share, False)

    found = shares.getShare(share)
    assert (found.message.val, found.active.val) == ("nuclei", False)
    assert found.started.val + found.timeToLive.val == later.val


def test_an_expiration_in_the_past_is_refused(people, image):
    share = people.share(image)

    with pytest.raises(omero.ApiUsageException, match="future"):
        people.shares("alice").setExpiration(share, rtime(1))
    with pytest.raises(omero.ApiUsageException, match="future"):
        people.share(image, expiration=rtime(1))


CHANGES = {
    "setDescription": lambda shares, share, _: shares.setDescription(share, "mine now"),
    "setExpiration": lambda shares, share, _: shares.setExpiration(share, soon()),
    "setActive": lambda shares, share, _: shares.setActive(share, True),
    "closeShare": lambda shares, share, _: shares.closeShare(share),
    "addUser": lambda shares, share, user: shares.addUser(share, user),
    "removeUser": lambda shares, share, user: shares.removeUser(share, user),
    "addGuest": lambda shares, share, _: shares.addGuest(share, "eve@example.org"),
    "removeGuest": lambda shares, share, _: shares.removeGuest(share, "eve@example.org"),
    "addObjects": lambda shares, share, _: shares.addObjects(share, []),
    "removeObjects": lambda shares, share, _: shares.removeObjects(share, []),
    "invalidateConnection": lambda shares, share, user: shares.invalidateConnection(share, user),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["bob", "carol", "dora"])
def test_only_the_owner_and_administrators_change_a_share(people, image, who, change):
    share = people.share(image)

    with pytest.raises(omero.ValidationException):
        CHANGES[change](people.shares(who), share, people.user("carol"))

    assert ids(people.shares("alice").getAllMembers(share)) == [people.user("bob").id.val]
    CHANGES[change](people.shares("root"), share, people.user("carol"))


def test_an_administrator_without_the_privilege_to_write_changes_no_share(people, image):
    people.site.administrator("erin", "Sudo")
    share = people.share(image)

    with people.site.client("erin") as erin:
        shares = erin.sf.getShareService()
        assert shares.getShare(share).message.val == "look"
        assert shares.getShare(share).uuid.val == "********"
        with pytest.raises(omero.ValidationException):
            shares.addUser(share, people.user("carol"))


def test_a_closed_share_is_not_opened_again(people, image):
    shares, share = people.shares("alice"), people.share(image)

    shares.closeShare(share)

    assert shares.getShare(share).closed is not None
    assert share not in ids(shares.getOwnShares(True))
    assert share in ids(shares.getOwnShares(False))
    with pytest.raises(omero.ValidationException, match="closed"):
        shares.setActive(share, True)


# Whose shares


def test_shares_are_listed_for_owner_and_members(people, image):
    share, draft = people.share(image), people.share(image, enabled=False)
    alice, bob, carol = (people.shares(who) for who in ("alice", "bob", "carol"))

    assert {share, draft} <= set(ids(alice.getOwnShares(False)))
    assert draft not in ids(alice.getOwnShares(True))
    assert {share, draft} <= set(ids(bob.getMemberShares(False)))
    assert draft not in ids(bob.getMemberShares(True))
    assert not {share, draft} & set(ids(bob.getOwnShares(False)) + ids(alice.getMemberShares(False)))
    assert not {share, draft} & set(ids(carol.getMemberShares(False)))


def test_lists_for_other_people_hold_only_what_the_caller_sees(people, image):
    share, other = people.share(image), people.share(image, members=("carol",))
    bob = people.shares("bob")

    assert share in ids(bob.getSharesOwnedBy(people.user("alice"), True))
    assert other not in ids(bob.getSharesOwnedBy(people.user("alice"), True))
    assert other not in ids(bob.getMemberSharesFor(people.user("carol"), True))
    assert other in ids(people.shares("root").getMemberSharesFor(people.user("carol"), True))


def test_who_is_no_member_learns_nothing_of_a_share(people, image):
    share = people.share(image, guests=["eve@example.org"])
    people.shares("alice").addComment(share, "between us")
    for who in ("carol", "dora"):
        shares = people.shares(who)

        assert shares.getShare(share) is None
        assert shares.getComments(share) == []
        assert shares.getCommentCount([share]) == {share: 0}
        for ask in (
            "getContents",
            "getContentSize",
            "getContentMap",
            "getAllMembers",
            "getAllGuests",
            "getAllUsers",
        ):
            with pytest.raises(omero.ValidationException):
                getattr(shares, ask)(share)
        for ask in ("getActiveConnections", "getPastConnections"):
            with pytest.raises(omero.ValidationException):
                getattr(shares, ask)(share)
        with pytest.raises(omero.ValidationException):
            shares.getMemberCount([share])
        with pytest.raises(omero.ValidationException):
            shares.addComment(share, "hello")
        with pytest.raises(omero.ValidationException):
            shares.notifyMembersOfShare(share, "subject", "text", False)


def test_queries_show_shares_and_their_members_to_nobody_else(people, image):
    share = people.share(image, description="between us")
    member = f"select m.child.id from ShareMember m where m.parent.id = {share}"
    about = f"select s.message from Share s where s.id = {share}"

    for who, sees in {"alice": True, "bob": True, "root": True, "carol": False, "dora": False}.items():
        query = people.query(who)
        assert len(query.projection(member, None)) == (2 if sees else 0), who
        assert len(query.projection(about, None)) == (1 if sees else 0), who
        assert len(query.findAllByQuery(f"select s from Session s where s.id = {share}", None)) == (
            1 if sees else 0
        )
        assert not query.get("Share", share).isLoaded()


def test_the_plan_of_a_query_made_for_a_member_shows_others_nothing(people, image):
    share = people.share(image)
    text = f"select count(m) from ShareMember m where m.parent.id = {share}"

    seen = [people.query(who).projection(text, None)[0][0].val for who in ("bob", "carol", "alice", "dora")]

    assert seen == [2, 0, 2, 0]


def test_a_share_that_does_not_exist_is_none_or_an_error(people):
    shares = people.shares("alice")

    assert shares.getShare(-1) is None
    for ask in (shares.getContents, shares.getAllMembers, shares.closeShare, shares.activate):
        with pytest.raises(omero.ValidationException):
            ask(-1)
    with pytest.raises(omero.ValidationException):
        shares.getCommentCount([-1])


# Contents


def test_contents_are_listed_counted_and_taken_out(people, image, secret):
    shares, share = people.shares("alice"), people.share(image, secret)

    assert ids(shares.getContents(share)) == [image, secret]
    assert not shares.getContents(share)[0].isLoaded()
    assert ids(shares.getContentSubList(share, 1, 2)) == [secret]
    assert shares.getContentSubList(share, 0, 0) == []
    assert shares.getContentMap(share) == {"ome.model.core.Image": [image, secret]}

    shares.removeObject(share, omero.model.ImageI(image, False))

    assert ids(shares.getContents(share)) == [secret]
    assert shares.getShare(share).itemCount.val == 1


def test_an_object_is_in_a_share_once(people, image):
    shares, share = people.shares("alice"), people.share(image, image)

    shares.addObjects(share, [omero.model.ImageI(image, False)] * 2)

    assert shares.getContentSize(share) == 1


def test_bob_cannot_share_what_he_cannot_see_or_only_read(people, image):
    people.site.group("reading", "rwr---", "bob", "frank")
    readable = people.site.dataset("frank", "to read")

    with pytest.raises(omero.SecurityViolation):
        people.share(image, owner="bob", members=("carol",))
    share = people.share(owner="bob", members=("carol",))
    for item in (omero.model.ImageI(image, False), omero.model.DatasetI(readable, False)):
        with pytest.raises(omero.SecurityViolation):
            people.shares("bob").addObject(share, item)
    assert people.shares("bob").getContentSize(share) == 0


def test_objects_that_are_not_stored_are_refused(people):
    with pytest.raises(omero.ValidationException):
        people.shares("alice").createShare("", None, [omero.model.ScreenI()], [], [], True)
    with pytest.raises(omero.ValidationException, match="does not exist"):
        people.share(10**9)


# Members and guests


def test_members_and_guests_come_and_go(people, image):
    shares, share = people.shares("alice"), people.share(image, guests=["eve@example.org"])

    shares.addUsers(share, [people.user("carol"), people.user("bob"), people.user("alice")])
    shares.addGuest(share, "frank@example.org")
    shares.removeUser(share, people.user("bob"))
    shares.removeGuest(share, "eve@example.org")

    assert [user.omeName.val for user in shares.getAllMembers(share)] == ["carol"]
    assert shares.getAllGuests(share) == ["frank@example.org"]
    assert shares.getAllUsers(share) == ["carol", "frank@example.org"]
    shares.removeUser(share, people.user("alice"))
    assert shares.getShare(share) is not None


def test_a_guest_named_like_a_member_is_a_conflict(people, image):
    share = people.share(image, guests=["bob"])

    with pytest.raises(omero.ValidationException, match="bob"):
        people.shares("alice").getAllUsers(share)


# Comments


def test_owner_members_and_administrators_talk_about_a_share(people, image):
    share = people.share(image)

    written = [people.shares(who).addComment(share, f"{who} here") for who in ("alice", "bob", "root")]

    assert [one.details.owner.omeName.val for one in written] == ["alice", "bob", "root"]
    assert not written[0].details.permissions.isGroupRead()
    for who in ("alice", "bob"):
        found = people.shares(who).getComments(share)
        assert [one.textValue.val for one in found] == ["alice here", "bob here", "root here"]
    assert people.shares("bob").getCommentCount([share]) == {share: 3}
    assert ids(people.shares("bob").getShare(share).linkedAnnotationList()) == ids(written)


def test_comments_are_read_through_their_share_alone(people, image):
    share = people.share(image)
    comment = people.shares("bob").addComment(share, "between us").id.val

    for who in ("alice", "bob", "carol", "dora"):
        found = people.query(who).projection(
            f"select a.id from Annotation a where a.id = {comment}", None, {"omero.group": "-1"}
        )
        assert found == [], who
        with pytest.raises(omero.SecurityViolation):
            people.query(who).get("CommentAnnotation", comment)


def test_an_annotation_linked_by_hand_is_no_comment(people, image):
    share = people.share(image)
    link = omero.model.SessionAnnotationLinkI()
    link.parent = omero.model.ShareI(share, False)
    link.child = omero.model.CommentAnnotationI()
    link.child.textValue = rstring("let me in")
    people.sessions["carol"].sf.getUpdateService().saveObject(link)

    assert people.shares("alice").getComments(share) == []
    assert people.shares("alice").getCommentCount([share]) == {share: 0}


def test_a_reply_answers_a_comment_of_the_same_share(people, image):
    share, other = people.share(image), people.share(image)
    question = people.shares("alice").addComment(share, "what is this?")

    people.shares("bob").addReply(share, "a nucleus", question)

    assert people.shares("alice").getCommentCount([share]) == {share: 2}
    with pytest.raises(omero.ValidationException):
        people.shares("bob").addReply(other, "a nucleus", question)


def test_comments_are_deleted_by_their_author_and_the_owner_of_the_share(people, image):
    share = people.share(image, members=("bob", "carol"))
    first, second = (people.shares("bob").addComment(share, text) for text in ("one", "two"))

    with pytest.raises(omero.SecurityViolation):
        people.shares("carol").deleteComment(first)
    with pytest.raises(omero.ValidationException):
        people.shares("dora").deleteComment(first)
    people.shares("bob").deleteComment(first)
    people.shares("alice").deleteComment(second)

    assert people.shares("alice").getComments(share) == []


def test_the_timeline_shows_what_others_wrote_last(people, image):
    share = people.share(image)
    people.shares("alice").addComment(share, "mine")
    people.shares("bob").addComment(share, "from bob")
    timeline = people.sessions["alice"].sf.getTimelineService()

    [link] = timeline.getMostRecentShareCommentLinks(omero.sys.ParametersI().page(0, 1))

    assert link.child.textValue.val == "from bob"
    assert link.parent.id.val == share
    carol = people.sessions["carol"].sf.getTimelineService()
    seen = carol.getMostRecentShareCommentLinks(omero.sys.ParametersI())
    assert "from bob" not in [one.child.textValue.val for one in seen]


def test_events_tell_when_somebody_commented(people, image):
    share, start = people.share(image), soon(-1)
    people.shares("bob").addComment(share, "now")
    shares = people.shares("alice")

    assert len(shares.getEvents(share, people.user("bob"), start, soon())) == 1
    assert shares.getEvents(share, people.user("bob"), start, start) == []
    assert shares.getEvents(share, people.user("alice"), None, None) == []


# By other ways


@pytest.mark.parametrize("who", ["bob", "root"])
def test_shares_are_only_changed_through_their_service(people, image, who):
    share = people.share(image, members=("carol",))
    update = people.sessions[who].sf.getUpdateService()
    member = omero.model.ShareMemberI()
    member.parent, member.child = omero.model.ShareI(share, False), people.user("bob")

    with pytest.raises((omero.SecurityViolation, omero.ApiUsageException)):
        update.saveObject(member)

    assert people.shares("bob").getShare(share) is None
    assert [user.omeName.val for user in people.shares("alice").getAllMembers(share)] == ["carol"]


def test_a_deleted_user_is_no_member_any_more(people, image):
    people.site.group("leaving", "rw----", "gina")
    gina = people.user("gina")
    share = people.share(image, members=("bob", "gina"))

    people.sessions["root"].sf.getAdminService().deleteExperimenter(gina)

    assert [user.omeName.val for user in people.shares("alice").getAllMembers(share)] == ["bob"]
    assert people.shares("alice").getMemberCount([share]) == {share: 2}
