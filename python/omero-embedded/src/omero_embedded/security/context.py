"""Who calls, and in which group: what every rule asks for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omero_embedded.security.directory import Directory
    from omero_embedded.server import Server
    from omero_embedded.store.database import Database
    from omero_embedded.wire.sessions import Session

ALL_GROUPS = -1


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a call, with the session's current group.

    `confined_to` are the only groups that calls may work in when a group's owner acts as a member, else None.
    """

    user_id: int
    user_name: str
    group_id: int
    group_name: str
    session_id: int
    session_uuid: str
    is_admin: bool
    privileges: frozenset[str]
    member_of: tuple[int, ...]
    leader_of: tuple[int, ...]
    event_type: str
    directory: Directory
    confined_to: tuple[int, ...] | None = None
    # The share that the call looks into and sees nothing but; see omero_embedded.shares.
    share: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One operation's context: the caller, the Ice context that came with it, and the server.

    `group` is the group the call works in: -1 for all groups, else one group's id.
    """

    caller: Caller
    context: Mapping[str, str]
    group: int
    server: Server
    session: Session
    # Connection the call came over, for calling the client back; None for calls made inside the server.
    connection: object = None

    @property
    def db(self) -> Database:
        """The store."""
        return self.server.db

    @property
    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000

    @property
    def write_group(self) -> int:
        """The group that new objects go into."""
        return self.caller.group_id if self.group == ALL_GROUPS else self.group
