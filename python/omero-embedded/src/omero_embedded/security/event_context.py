"""The caller as the server sees it: what IAdmin tells, and what the details of objects carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.model import PermissionsI
from omero.rtypes import rlong, rstring

if TYPE_CHECKING:
    from omero_embedded.security.context import Call

_HIDDEN_KEY = "*********"


def event_context(call: Call, *, hide_key: bool = False) -> Any:
    """The omero.sys.EventContext of a call, on request without the session's key."""
    caller, session = call.caller, call.session
    sudoer = call.caller.directory.users.get(session.sudoer_id) if session.sudoer_id is not None else None
    group_id = caller.group_id if call.group < 0 else call.group
    group = caller.directory.groups[group_id]
    return omero.sys.EventContext(
        shareId=-1 if caller.share is None else caller.share,
        sessionId=session.id,
        sessionUuid=_HIDDEN_KEY if hide_key else session.uuid,
        userId=caller.user_id,
        userName=caller.user_name,
        sudoerId=None if sudoer is None else rlong(sudoer.id),
        sudoerName=None if sudoer is None else rstring(sudoer.name),
        groupId=group_id,
        groupName=group.name,
        isAdmin=caller.is_admin,
        adminPrivileges=sorted(caller.privileges),
        eventId=-1,
        eventType=caller.event_type,
        memberOfGroups=list(caller.member_of),
        leaderOfGroups=list(caller.leader_of),
        groupPermissions=PermissionsI(group.perm),
    )
