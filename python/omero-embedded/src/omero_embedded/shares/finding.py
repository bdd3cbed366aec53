"""The share that a call names, for those who may see or change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.shares import rows, rules

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.shares.rows import Share


def share_if_seen(connection: Connection, call: Call, share_id: int) -> Share | None:
    """The share; None if there is none that the caller sees."""
    share = rows.share_with_id(connection, share_id)
    return share if share is not None and rules.sees(call.caller, share) else None


def seen_share(connection: Connection, call: Call, share_id: int) -> Share:
    """The share; ValidationException if there is none that the caller sees."""
    share = share_if_seen(connection, call, share_id)
    if share is None:
        raise errors.validation(f"there is no share {share_id} that {call.caller.user_name} can see")
    return share


def own_share(connection: Connection, call: Call, share_id: int) -> Share:
    """The share; ValidationException if there is none that the caller may change."""
    share = rows.share_with_id(connection, share_id)
    if share is None or not rules.changes(call.caller, share):
        raise errors.validation(f"there is no share {share_id} that {call.caller.user_name} may change")
    return share
