"""How calls get into a share: by the session that activated it or was opened with its key, or by `omero.share`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.shares import rules
from omero_embedded.shares.gate import OUTSIDE, check_allowed
from omero_embedded.shares.guests import note_use
from omero_embedded.shares.rows import share_with_id, shares_owned_by, shares_with_member

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.wire.sessions import Servant

CONTEXT_KEY = "omero.share"
# With these an object of a client's begins anew; what it does next follows the call again.
_BEGINNINGS = ("setPixelsId", "lookupPixels")


def in_its_share(call: Call, interface: str, name: str, held: Servant | None) -> Call:
    """The call as it has to run: looking into a share, if it does, or unchanged.

    `held` is the client's object that is called; once used in a share, it goes on there. Raises SecurityViolation where
    the caller may not look into the share, or not with this operation.
    """
    if interface in OUTSIDE and not call.session.of_share:
        return call
    share_id = share_of(call)
    if share_id is None and held is not None and held.share is not None and not _begins_anew(name):
        share_id = held.share
    if share_id is not None and name != "close":
        check_allowed(interface, name, share_id, with_key=call.session.of_share)
    if held is not None:
        held.share = share_id
    if share_id is None or name == "close":
        return call
    return looking_into(call, share_id)


def activate(call: Call, share_id: int) -> None:
    """Let the caller's session look into the share; ValidationException if the caller may not."""
    with call.db.write() as connection:
        share = share_with_id(connection, share_id)
        if share is None or not rules.looks_into(call.caller, share, call.now_ms):
            raise errors.validation(f"there is no share {share_id} that is open to {call.caller.user_name}")
        note_use(connection, share_id, call.caller.user_id)
    call.session.share = share_id


def deactivate(call: Call) -> None:
    """Let the caller's session see again what its user may see."""
    if call.session.of_share:
        raise errors.security("a session that was opened with the key of a share cannot leave the share")
    call.session.share = None


def looking_into(call: Call, share_id: int) -> Call:
    """The call as one that sees nothing but the share; SecurityViolation if the caller may not."""
    with call.db.read() as connection:
        share = share_with_id(connection, share_id)
    if share is None or not rules.looks_into(call.caller, share, call.now_ms):
        raise errors.security(f"share {share_id} is not open to {call.caller.user_name}")
    return replace(call, caller=rules.looking_into(call.caller, share_id), group=call.caller.group_id)


def open_shares(call: Call) -> list[int]:
    """The ids of the shares that the caller owns or is a member of and can look into now."""
    user = call.caller.user_id
    with call.db.read() as connection:
        found = [*shares_owned_by(connection, user), *shares_with_member(connection, user)]
    return [share.id for share in found if rules.looks_into(call.caller, share, call.now_ms)]


def _begins_anew(name: str) -> bool:
    return name in _BEGINNINGS or name.endswith("Set")


def share_of(call: Call) -> int | None:
    """The share that a call or its session names; None for a call outside of shares."""
    text = call.context.get(CONTEXT_KEY, "").strip()
    if not text:
        return call.session.share
    if not text.lstrip("-").isdigit():
        raise errors.api_usage(f"{CONTEXT_KEY}={text}: a share is named by its id")
    if call.session.of_share and int(text) != call.session.share:
        raise errors.security(f"the key of share {call.session.share} does not open share {text}")
    return int(text)
