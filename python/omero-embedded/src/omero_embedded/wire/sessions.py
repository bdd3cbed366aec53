"""OMERO sessions: opened with a password or joined with a key, alive as long as somebody uses them."""

from __future__ import annotations

import itertools
import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from omero_embedded.errors import removed_session
from omero_embedded.security.context import Caller
from omero_embedded.security.directory import SYSTEM_GROUP
from omero_embedded.security.privileges import privileges_of
from omero_embedded.shares import rules
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.security.directory import Directory, User
    from omero_embedded.server import Server

log = logging.getLogger(__name__)

TIME_TO_IDLE_MS = 600_000
TIME_TO_LIVE_MS = 0


@dataclass(slots=True)
class Servant:
    """An object of a session that clients call: its interface, implementation and the connection that made it."""

    interface: str
    implementation: Any
    connection_key: str | None
    # The share that it was last used in.
    share: int | None = None


@dataclass(slots=True, eq=False)
class Session:
    """One open session."""

    id: int
    uuid: str
    user_id: int
    group_id: int
    sudoer_id: int | None
    time_to_idle_ms: int
    time_to_live_ms: int
    started_ms: int
    agent: str = ""
    ip: str = ""
    event_type: str = "User"
    references: int = 1
    last_used: float = field(default_factory=time.monotonic)
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    servants: dict[str, Servant] = field(default_factory=dict)
    # The share that the session looks into, and whether it was opened with that share's key.
    share: int | None = None
    of_share: bool = False
    # What rules ask for, as long as users, groups and the session's group stay as they are.
    caller: Caller | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def add(self, interface: str, implementation: Any, connection_key: str | None = None) -> str:
        """Keep an object for clients to call; returns its name within the session."""
        name = str(next(self._numbers))
        self.servants[name] = Servant(interface, implementation, connection_key)
        return name

    def expired(self, now: float) -> bool:
        """Whether the session was idle, or alive, for too long; 0 means no limit."""
        if self.time_to_idle_ms and (now - self.last_used) * 1000 > self.time_to_idle_ms:
            return True
        return bool(
            self.time_to_live_ms and time.time_ns() // 1_000_000 - self.started_ms > self.time_to_live_ms
        )


class SessionRegistry:
    """All open sessions. Their rows are kept in the store, so that a restarted server lets clients go on."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sessions: dict[str, Session] = {}
        self._lock = threading.RLock()
        self._began = time.monotonic()

    def open(
        self,
        user: User,
        group_id: int,
        *,
        sudoer_id: int | None = None,
        agent: str = "",
        ip: str = "",
        time_to_idle_ms: int | None = None,
        time_to_live_ms: int = TIME_TO_LIVE_MS,
        event_type: str = "User",
    ) -> Session:
        """Open a new session."""
        key = str(uuid.uuid4())
        started = time.time_ns() // 1_000_000
        idle = self.default_idle_ms if time_to_idle_ms is None else time_to_idle_ms
        values = {
            "node": 0,
            "uuid": key,
            "owner": user.id,
            "sudoer": sudoer_id,
            "timetoidle": idle,
            "timetolive": time_to_live_ms,
            "started": started,
            "defaulteventtype": event_type,
            "useragent": agent,
            "userip": ip,
            "message": "",
            "discriminator": "Session",
        }
        with self._server.db.write() as connection:
            row = connection.execute(insert(TABLES["Session"]).values(values)).inserted_primary_key
        assert row is not None
        session = Session(
            row[0], key, user.id, group_id, sudoer_id, idle, time_to_live_ms, started, agent, ip, event_type
        )
        with self._lock:
            self._sessions[key] = session
        return session

    @property
    def default_idle_ms(self) -> int:
        """Idle time after which a session closes, from omero.sessions.timeout."""
        return int(self._server.config.get("omero.sessions.timeout", TIME_TO_IDLE_MS))

    def get(self, key: str) -> Session:
        """The open session with this key; counts as use of it.

        Raises omero.RemovedSessionException.
        """
        session = self._sessions.get(key) or self._revive(key)
        now = time.monotonic()
        if session is None or session.expired(now):
            if session is not None:
                self.close(session)
            raise removed_session(
                f"no open session {key[:8]}…; it was closed or was idle for too long: log in again"
            )
        session.last_used = now
        return session

    def serves(self, key: str, member: str) -> bool:
        """Whether the session is open and holds an object of this name; no use of it."""
        session = self._sessions.get(key)
        return session is not None and member in session.servants

    def is_open(self, session: Session) -> bool:
        """Whether it was not closed yet; no use of it."""
        return self._sessions.get(session.uuid) is session

    def join(self, key: str) -> Session:
        """Use an open session once more."""
        session = self.get(key)
        with self._lock:
            session.references += 1
        return session

    def release(self, session: Session) -> int:
        """One user of the session less; closes it after the last. Returns how many are left."""
        left = self.detach(session)
        if left <= 0:
            self.close(session)
        return left

    def detach(self, session: Session) -> int:
        """One user less, but leave the session open until it was idle for too long."""
        with self._lock:
            session.references -= 1
            return session.references

    def close(self, session: Session) -> None:
        """Close the session and everything it holds."""
        if not session.of_share:  # the share is open to others
            # First, so that a call that comes meanwhile cannot revive it.
            with self._server.db.write() as connection:
                table = TABLES["Session"]
                connection.execute(
                    update(table).where(table.c.id == session.id).values(closed=time.time_ns() // 1_000_000)
                )
        with self._lock:
            self._sessions.pop(session.uuid, None)
        self.release_servants(session)

    def release_servants(self, session: Session, connection_key: str | None = None) -> None:
        """Close the session's stateful objects, all or only those a lost connection made."""
        with self._lock:
            names = [
                name
                for name, servant in list(session.servants.items())
                if connection_key is None or servant.connection_key == connection_key
            ]
            removed = [servant for name in names if (servant := session.servants.pop(name, None))]
        for servant in removed:
            _release(servant)

    def all(self) -> list[Session]:
        """All open sessions."""
        with self._lock:
            return list(self._sessions.values())

    def forget_all(self) -> None:
        """Drop all sessions without a trace, for a store that was reset."""
        for session in self.all():
            self.release_servants(session)
        with self._lock:
            self._sessions.clear()

    def close_expired(self) -> None:
        """Close sessions that nobody used for too long."""
        now = time.monotonic()
        for session in self.all():
            if session.expired(now):
                log.info("session expired user=%s", session.user_id)
                self.close(session)

    def _revive(self, key: str) -> Session | None:
        """A session that is not known to this process, put in unless somebody closes it at this moment."""
        with self._lock:
            session = self._sessions.get(key) or self._stored(key)
            if session is not None:
                self._sessions[key] = session
            return session

    def _stored(self, key: str) -> Session | None:
        """The session as it was before the server was restarted, or the one of a share with this key.

        One that would have been idle for too long since the restart stays what it was: over.
        """
        table = TABLES["Session"]
        idle_ms = (time.monotonic() - self._began) * 1000
        with self._server.db.read() as connection:
            row = (
                connection.execute(select(table).where(table.c.uuid == key, table.c.closed.is_(None)))
                .mappings()
                .first()
            )
        if row is None or (row["discriminator"] == "Share" and not row["share_active"]):
            return None
        of_share = row["discriminator"] == "Share"
        if not of_share and 0 < row["timetoidle"] < idle_ms:
            return None
        user = self._server.directory.users.get(row["owner"])
        if user is None or user.default_group is None:
            return None
        return Session(
            row["id"], key, user.id, user.default_group, row["sudoer"], row["timetoidle"], row["timetolive"], row["started"],
            row["useragent"] or "", row["userip"] or "", row["defaulteventtype"] or "User", references=0,
            share=row["id"] if of_share else None, of_share=of_share,
        )  # fmt: skip


def _release(servant: Servant) -> None:
    """Tell an object that its client is gone; whatever goes wrong there must not keep the others from being told."""
    release = getattr(servant.implementation, "release", None)
    if release is None:
        return
    try:
        release()
    except Exception:
        log.exception("not released interface=%s reference=%s", servant.interface, uuid.uuid4().hex[:8])


def caller_of(session: Session, directory: Directory) -> Caller:
    """The session's user with everything that rules ask for."""
    known = session.caller
    if known is None or known.directory is not directory or known.group_id != session.group_id:
        known = session.caller = _caller(session, directory)
    return known


def _caller(session: Session, directory: Directory) -> Caller:
    user = directory.users.get(session.user_id)
    if user is None:
        raise removed_session("the session's user was deleted")
    privileges, member_of, leader_of = privileges_of(user), user.groups, user.leads
    sudoer = directory.users.get(session.sudoer_id) if session.sudoer_id is not None else None
    confined_to = None
    if sudoer is not None:
        granted = privileges_of(sudoer)
        privileges &= granted
        if "Sudo" not in granted:  # a group's owner acts as a member in the groups that both are in
            member_of = tuple(group for group in member_of if group in sudoer.groups)
            leader_of = tuple(group for group in leader_of if group in sudoer.leads)
            confined_to = sudoer.leads
    group = directory.groups.get(session.group_id)
    caller = Caller(
        user_id=user.id,
        user_name=user.name,
        group_id=session.group_id,
        group_name=group.name if group else "",
        session_id=session.id,
        session_uuid=session.uuid,
        is_admin=SYSTEM_GROUP in member_of,
        privileges=privileges,
        member_of=member_of,
        leader_of=leader_of,
        event_type=session.event_type,
        directory=directory,
        confined_to=confined_to,
    )
    return rules.looking_into(caller, session.id) if session.of_share else caller
