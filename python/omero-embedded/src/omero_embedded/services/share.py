"""IShare: shares are a legacy that the embedded server does not keep; there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

# What is asked of shares in general, and the answer when there are none.
_NONE: dict[str, Any] = {
    "getOwnShares": [],
    "getMemberShares": [],
    "getSharesOwnedBy": [],
    "getMemberSharesFor": [],
    "getMemberCount": {},
    "getCommentCount": {},
}
_OF_ONE = frozenset(
    {
        "activate",
        "getShare",
        "getContents",
        "getContentSubList",
        "getContentSize",
        "getContentMap",
        "setDescription",
        "setExpiration",
        "setActive",
        "closeShare",
        "addObjects",
        "addObject",
        "removeObjects",
        "removeObject",
        "getComments",
        "addComment",
        "addReply",
        "getAllMembers",
        "getAllGuests",
        "getAllUsers",
        "addUsers",
        "addGuests",
        "removeUsers",
        "removeGuests",
        "addUser",
        "addGuest",
        "removeUser",
        "removeGuest",
        "getActiveConnections",
        "getPastConnections",
        "getEvents",
        "invalidateConnection",
        "notifyMembersOfShare",
    }
)


class ShareService:
    """Answers that there are no shares; making one is refused."""

    interface = "omero.api.IShare"

    def __init__(self, server: Server) -> None:
        self._server = server

    def createShare(self, call: Call, *_arguments: Any) -> int:
        """Shares cannot be made here; groups are OMERO's way to share data."""
        raise errors.not_supported("shares; use a group with read or annotate permissions instead")

    def deactivate(self, call: Call) -> None:
        """No share is active."""

    def deleteComment(self, call: Call, comment: Any) -> None:
        """There are no comments on shares."""
        raise errors.validation("there is no such share comment")

    def __getattr__(self, name: str) -> Any:
        if name in _NONE:
            answer = _NONE[name]
            return lambda _call, *_arguments: type(answer)()
        if name in _OF_ONE:
            return _no_such_share
        raise AttributeError(name)


def _no_such_share(_call: Call, share_id: Any = None, *_arguments: Any) -> None:
    raise errors.validation(f"there is no share {share_id}")
