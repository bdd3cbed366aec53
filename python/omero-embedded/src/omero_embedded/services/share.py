"""IShare: showing objects to people who could not see them otherwise, and talking about them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.security.people import People
from omero_embedded.shares import contents, conversation, entry, guests, objects, rows, rules, selection
from omero_embedded.shares.arguments import emails_of, id_of, time_to_live
from omero_embedded.shares.finding import own_share, seen_share, share_if_seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.shares.rows import Share
    from omero_embedded.wire.sessions import Session

log = logging.getLogger(__name__)


class ShareService:
    """Serves omero.api.IShare."""

    interface = "omero.api.IShare"

    def __init__(self, server: Server) -> None:
        self._server = server

    # Looking into a share

    def activate(self, call: Call, share_id: int) -> None:
        """Let the session see what is in the share, and nothing else."""
        entry.activate(call, share_id)

    def deactivate(self, call: Call) -> None:
        """Let the session see again what its user may see."""
        entry.deactivate(call)

    # Which shares there are

    def getShare(self, call: Call, share_id: int) -> Any:
        """The share with its comments, None if there is none that the caller sees."""
        with call.db.read() as connection:
            share = share_if_seen(connection, call, share_id)
            return None if share is None else objects.share_with_comments(connection, call, share)

    def getOwnShares(self, call: Call, active: bool) -> list[Any]:
        """The caller's shares."""
        return _list(call, rows.shares_owned_by, call.caller.user_id, active=active)

    def getMemberShares(self, call: Call, active: bool) -> list[Any]:
        """Others' shares that the caller is a member of."""
        return _list(call, rows.shares_with_member, call.caller.user_id, active=active)

    def getSharesOwnedBy(self, call: Call, user: Any, active: bool) -> list[Any]:
        """A user's shares, as far as the caller sees them."""
        return _list(call, rows.shares_owned_by, self._user_id(user), active=active)

    def getMemberSharesFor(self, call: Call, user: Any, active: bool) -> list[Any]:
        """The shares that a user is a member of, as far as the caller sees them."""
        return _list(call, rows.shares_with_member, self._user_id(user), active=active)

    def getMemberCount(self, call: Call, share_ids: Sequence[int]) -> dict[int, int]:
        """Numbers of members by share, the owner included."""
        with call.db.read() as connection:
            return {
                share_id: len(seen_share(connection, call, share_id).members) + 1 for share_id in share_ids
            }

    # Making and changing

    def createShare(
        self,
        call: Call,
        description: str,
        expiration: Any,
        items: Sequence[Any] | None,
        exps: Sequence[Any] | None,
        guest_emails: Sequence[str] | None,
        enabled: bool,
    ) -> int:
        """A new share of the caller's; objects and members can be added later, too."""
        if not rules.has_a_say(call.caller):
            raise errors.security(f"{call.caller.user_name} may not make shares")
        now, wanted = call.now_ms, selection.named_items(items)
        live = time_to_live(now, expiration, now)
        members, emails = self._user_ids(exps), emails_of(guest_emails)
        with call.db.write() as connection:
            checked = selection.shareable(connection, call, wanted)
            share_id = rows.insert_share(
                connection, owner=call.caller.user_id, group=call.write_group, description=description or "",
                now_ms=now, live_ms=live, active=bool(enabled),
            )  # fmt: skip
            contents.add_items(connection, share_id, checked)
            rows.add_members(connection, share_id, members)
            guests.add_guests(connection, share_id, emails)
        return share_id

    def setDescription(self, call: Call, share_id: int, description: str) -> None:
        """Say what the share is about."""
        _change(call, share_id, lambda _share: {"message": description or ""})

    def setExpiration(self, call: Call, share_id: int, expiration: Any) -> None:
        """Say until when the share is open; None for as long as it is not closed."""

        def values(share: Share) -> dict[str, Any]:
            return {"timetolive": time_to_live(share.started_ms, expiration, call.now_ms)}

        live = _change(call, share_id, values)["timetolive"]
        for session in self._sessions_in(share_id):
            if session.of_share:
                session.time_to_live_ms = live

    def setActive(self, call: Call, share_id: int, active: bool) -> None:
        """Enable or disable the share."""

        def values(share: Share) -> dict[str, Any]:
            if active and share.closed_ms is not None:
                raise errors.validation(f"share {share_id} was closed and cannot be opened again")
            return {"share_active": bool(active)}

        _change(call, share_id, values)

    def closeShare(self, call: Call, share_id: int) -> None:
        """Close the share for good."""
        _change(
            call, share_id, lambda share: {"closed": share.closed_ms or call.now_ms, "share_active": False}
        )
        for session in self._sessions_in(share_id):
            if session.of_share:
                self._server.sessions.close(session)

    # What is in it

    def getContents(self, call: Call, share_id: int) -> list[Any]:
        """What is in the share, unloaded, in the order it was added."""
        return objects.item_objects(_items(call, share_id))

    def getContentSubList(self, call: Call, share_id: int, start: int, finish: int) -> list[Any]:
        """What is in the share from one place up to another, which is left out."""
        if not 0 <= start <= finish:
            raise errors.validation(f"{start} to {finish} is no part of a list")
        return objects.item_objects(_items(call, share_id)[start:finish])

    def getContentSize(self, call: Call, share_id: int) -> int:
        """How many objects are in the share."""
        return len(_items(call, share_id))

    def getContentMap(self, call: Call, share_id: int) -> dict[str, list[int]]:
        """The ids of what is in the share by class."""
        return contents.ids_by_class(_items(call, share_id))

    def addObjects(self, call: Call, share_id: int, iobjects: Sequence[Any] | None) -> None:
        """Put objects into the share, and all that came loaded with them."""
        wanted = selection.items_with_graph(iobjects)
        with call.db.write() as connection:
            own_share(connection, call, share_id)
            contents.add_items(connection, share_id, selection.shareable(connection, call, wanted))

    def addObject(self, call: Call, share_id: int, iobject: Any) -> None:
        """Put an object into the share, and all that came loaded with it."""
        self.addObjects(call, share_id, [iobject])

    def removeObjects(self, call: Call, share_id: int, iobjects: Sequence[Any] | None) -> None:
        """Take objects out of the share."""
        wanted = selection.named_items(iobjects)
        with call.db.write() as connection:
            own_share(connection, call, share_id)
            contents.remove_items(connection, share_id, wanted)

    def removeObject(self, call: Call, share_id: int, iobject: Any) -> None:
        """Take an object out of the share."""
        self.removeObjects(call, share_id, [iobject])

    # Comments

    def getComments(self, call: Call, share_id: int) -> list[Any]:
        """The comments, the oldest first; none where the caller sees no such share."""
        return conversation.read_comments(call, share_id)

    def getCommentCount(self, call: Call, share_ids: Sequence[int]) -> dict[int, int]:
        """Numbers of comments by share, 0 for shares that the caller does not see."""
        return conversation.count_comments(call, share_ids)

    def addComment(self, call: Call, share_id: int, comment: str) -> Any:
        """Write a comment."""
        return conversation.write_comment(call, share_id, comment)

    def addReply(self, call: Call, share_id: int, comment: str, reply_to: Any) -> Any:
        """Answer a comment of the same share."""
        return conversation.write_comment(call, share_id, comment, id_of(reply_to, "the comment to answer"))

    def deleteComment(self, call: Call, comment: Any) -> None:
        """Take back one's own comment, or any comment on one's own share."""
        conversation.delete_comment(call, id_of(comment, "the comment to delete"))

    # Members and guests

    def getAllMembers(self, call: Call, share_id: int) -> list[Any]:
        """The members, without the owner."""
        with call.db.read() as connection:
            share = seen_share(connection, call, share_id)
            known = [member for member in share.members if member in call.caller.directory.users]
            return People(call, connection).users(known)

    def getAllGuests(self, call: Call, share_id: int) -> list[str]:
        """The e-mail addresses of the guests."""
        with call.db.read() as connection:
            seen_share(connection, call, share_id)
            return guests.guests_of(connection, share_id)

    def getAllUsers(self, call: Call, share_id: int) -> list[str]:
        """Login names of members and e-mail addresses of guests."""
        with call.db.read() as connection:
            share = seen_share(connection, call, share_id)
            emails = guests.guests_of(connection, share_id)
        people = call.caller.directory.users
        names = sorted(people[member].name for member in share.members if member in people)
        both = set(names) & set(emails)
        if both:
            raise errors.validation(f"{min(both)} is both the name of a member and the address of a guest")
        return names + emails

    def addUsers(self, call: Call, share_id: int, exps: Sequence[Any] | None) -> None:
        """Make users members."""
        with call.db.write() as connection:
            own_share(connection, call, share_id)
            rows.add_members(connection, share_id, self._user_ids(exps))

    def addUser(self, call: Call, share_id: int, exp: Any) -> None:
        """Make a user a member."""
        self.addUsers(call, share_id, [exp])

    def removeUsers(self, call: Call, share_id: int, exps: Sequence[Any] | None) -> None:
        """End memberships; the owner stays."""
        users = [id_of(exp, "a member") for exp in exps or ()]
        with call.db.write() as connection:
            share = own_share(connection, call, share_id)
            rows.remove_members(connection, share_id, [user for user in users if user != share.owner_id])

    def removeUser(self, call: Call, share_id: int, exp: Any) -> None:
        """End a membership."""
        self.removeUsers(call, share_id, [exp])

    def addGuests(self, call: Call, share_id: int, email_addresses: Sequence[str] | None) -> None:
        """Write down guests."""
        with call.db.write() as connection:
            own_share(connection, call, share_id)
            guests.add_guests(connection, share_id, emails_of(email_addresses))

    def addGuest(self, call: Call, share_id: int, email_address: str) -> None:
        """Write down a guest."""
        self.addGuests(call, share_id, [email_address])

    def removeGuests(self, call: Call, share_id: int, email_addresses: Sequence[str] | None) -> None:
        """Strike out guests."""
        with call.db.write() as connection:
            own_share(connection, call, share_id)
            guests.remove_guests(connection, share_id, list(email_addresses or ()))

    def removeGuest(self, call: Call, share_id: int, email_address: str) -> None:
        """Strike out a guest."""
        self.removeGuests(call, share_id, [email_address])

    # Who looks, and what happened

    def getActiveConnections(self, call: Call, share_id: int) -> dict[str, Any]:
        """Users whose sessions look into the share now, by login name."""
        with call.db.read() as connection:
            seen_share(connection, call, share_id)
            return _by_name(People(call, connection).users(self._looking(share_id)))

    def getPastConnections(self, call: Call, share_id: int) -> dict[str, Any]:
        """Users who looked into the share and no longer do, by login name."""
        with call.db.read() as connection:
            seen_share(connection, call, share_id)
            past = guests.users_of(connection, share_id) - self._looking(share_id)
            return _by_name(People(call, connection).users(past & set(call.caller.directory.users)))

    def invalidateConnection(self, call: Call, share_id: int, exp: Any) -> None:
        """Make the sessions of a user leave the share."""
        user = id_of(exp, "the user")
        with call.db.read() as connection:
            own_share(connection, call, share_id)
        for session in self._sessions_in(share_id):
            if session.user_id == user and not session.of_share:
                session.share = None

    def getEvents(self, call: Call, share_id: int, exp: Any, start: Any, to: Any) -> list[Any]:
        """The events in which a user wrote the share's comments, in a period."""
        return conversation.events_of(call, share_id, id_of(exp, "the user"), start, to)

    def notifyMembersOfShare(self, call: Call, share_id: int, subject: str, message: str, html: bool) -> None:
        """Members are not written to: this server sends no mail."""
        with call.db.read() as connection:
            share = seen_share(connection, call, share_id)
        log.info("no mail sent share=%s members=%s", share_id, len(share.members))

    def _sessions_in(self, share_id: int) -> list[Session]:
        return [session for session in self._server.sessions.all() if session.share == share_id]

    def _looking(self, share_id: int) -> set[int]:
        return {session.user_id for session in self._sessions_in(share_id) if not session.of_share}

    # Arguments

    def _user_id(self, user: Any) -> int:
        user_id = id_of(user, "a user")
        if user_id not in self._server.directory.users:
            raise errors.validation(f"there is no user {user_id}")
        return user_id

    def _user_ids(self, users: Iterable[Any] | None) -> list[int]:
        return [self._user_id(user) for user in users or ()]


def _by_name(users: Iterable[Any]) -> dict[str, Any]:
    return {user.omeName.val: user for user in users}


def _change(call: Call, share_id: int, values: Callable[[Share], dict[str, Any]]) -> dict[str, Any]:
    with call.db.write() as connection:
        changed = values(own_share(connection, call, share_id))
        rows.change_share(connection, share_id, **changed)
    return changed


def _items(call: Call, share_id: int) -> list[contents.Item]:
    with call.db.read() as connection:
        seen_share(connection, call, share_id)
        return contents.items_of(connection, share_id)


def _list(
    call: Call, find: Callable[[Connection, int], list[Share]], user_id: int, *, active: bool
) -> list[Any]:
    with call.db.read() as connection:
        found = [share for share in find(connection, user_id) if rules.sees(call.caller, share)]
        wanted = [share for share in found if not active or share.is_open(call.now_ms)]
        return objects.share_objects(connection, call, wanted)
