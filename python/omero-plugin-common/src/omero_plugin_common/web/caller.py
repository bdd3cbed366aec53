"""Who calls: known from OMERO (sure, costs a round trip) or from the web session alone (for polling)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero_plugin_common.database.owned import Owner

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Caller:
    """The logged-in user with the OMERO connection of this request."""

    owner: Owner
    is_admin: bool
    group_id: int
    conn: Any


def caller_of(conn: Any) -> Caller:
    """Return who the OMERO connection belongs to."""
    context = conn.getEventContext()
    return Caller(
        owner=Owner(int(context.userId), str(context.userName)),
        is_admin=bool(context.isAdmin),
        group_id=int(context.groupId),
        conn=conn,
    )


def session_user_id(request: HttpRequest) -> int | None:
    """Return the OMERO user id that OMERO.web put into the web session at login, None for anonymous visitors."""
    connector = request.session.get("connector")
    if not isinstance(connector, dict) or connector.get("is_public"):
        return None
    user_id = connector.get("user_id")
    return None if user_id is None else int(user_id)
