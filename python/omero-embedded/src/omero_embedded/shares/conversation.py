"""Reading, writing and taking back comments, for those who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.shares import comments, rows, rules
from omero_embedded.shares.finding import seen_share, share_if_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.security.context import Call


def read_comments(call: Call, share_id: int) -> list[Any]:
    """The comments, the oldest first; none where the caller sees no such share."""
    with call.db.read() as connection:
        if share_if_seen(connection, call, share_id) is None:
            return []
        return comments.comment_objects(connection, call, comments.comments_of(connection, share_id))


def count_comments(call: Call, share_ids: Sequence[int]) -> dict[int, int]:
    """Numbers of comments by share, 0 for shares that the caller does not see."""
    with call.db.read() as connection:
        shares = [(share_id, rows.share_with_id(connection, share_id)) for share_id in share_ids]
        missing = next((share_id for share_id, share in shares if share is None), None)
        if missing is not None:
            raise errors.validation(f"there is no share {missing}")
        seen = [share.id for _, share in shares if share is not None and rules.sees(call.caller, share)]
        return dict.fromkeys(share_ids, 0) | comments.count_comments(connection, seen)


def write_comment(call: Call, share_id: int, text: str, reply_to: int | None = None) -> Any:
    """Comment on a share, or answer a comment of it."""
    with call.db.write() as connection:
        seen_share(connection, call, share_id)
        if not rules.has_a_say(call.caller):
            raise errors.security(f"{call.caller.user_name} may not comment on share {share_id}")
        if reply_to is not None and reply_to not in comments.comments_of(connection, share_id):
            raise errors.validation(f"share {share_id} has no comment {reply_to}")
        comment_id = comments.add_comment(connection, call, share_id, text or "", reply_to)
        return comments.comment_objects(connection, call, [comment_id])[0]


def delete_comment(call: Call, comment_id: int) -> None:
    """Take back one's own comment, or any comment on one's own share."""
    with call.db.write() as connection:
        found = comments.share_and_author(connection, comment_id)
        share = share_if_seen(connection, call, found[0]) if found else None
        if found is None or share is None:
            raise errors.validation(f"there is no comment {comment_id} on a share")
        mine = rules.has_a_say(call.caller) and found[1] == call.caller.user_id
        if not mine and not rules.changes(call.caller, share):
            raise errors.security(f"comment {comment_id} is not for {call.caller.user_name} to delete")
        comments.delete_comment(connection, call, comment_id)


def events_of(call: Call, share_id: int, user_id: int, start: Any, to: Any) -> list[Any]:
    """The events in which a user wrote comments, between two omero.RTime, null for no limit."""
    first, last = (0 if start is None else start.val), (rows.FOREVER_MS if to is None else to.val)
    with call.db.read() as connection:
        seen_share(connection, call, share_id)
        return comments.comment_events(connection, call, share_id, user_id, first, last)
