"""Who may do what with a share.

The owner and administrators see and change it, members see it and comment on it. Its contents are only for looking at,
as long as the share is open. A session that was opened with the key of a share is nobody's own: it sees this one share
and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omero_embedded.security.directory import GUEST_USER

if TYPE_CHECKING:
    from omero_embedded.security.context import Caller
    from omero_embedded.shares.rows import Share


def sees(caller: Caller, share: Share) -> bool:
    """Whether the caller may know of the share: its description, members, comments and what is in it."""
    if caller.share is not None:
        return caller.share == share.id
    return caller.is_admin or caller.user_id in (share.owner_id, *share.members)


def changes(caller: Caller, share: Share) -> bool:
    """Whether the caller may change the share."""
    if caller.share is not None:
        return False
    return caller.user_id == share.owner_id or "WriteOwned" in caller.privileges


def looks_into(caller: Caller, share: Share, now_ms: int) -> bool:
    """Whether the caller may see the objects in the share now."""
    return sees(caller, share) and share.is_open(now_ms)


def has_a_say(caller: Caller) -> bool:
    """Whether the caller is somebody who may make shares and write comments."""
    return caller.share is None and caller.user_id != GUEST_USER


def sees_key(caller: Caller, share: Share) -> bool:
    """Whether the caller may read the share's key: who has it can log in with it."""
    if caller.share is not None:
        return caller.share == share.id
    return caller.user_id == share.owner_id or "ReadSession" in caller.privileges


def looking_into(caller: Caller, share_id: int) -> Caller:
    """The caller as one who sees nothing but the share, and may change nothing."""
    return replace(caller, is_admin=False, privileges=frozenset(), leader_of=(), share=share_id)
