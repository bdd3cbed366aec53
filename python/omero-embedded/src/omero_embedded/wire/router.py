"""The Glacier2 router that OMERO clients log in through."""

from __future__ import annotations

import logging
import threading
import uuid
from typing import TYPE_CHECKING, Any

import Glacier2
import Ice

from omero_embedded.errors import removed_session
from omero_embedded.security.throttle import Throttle
from omero_embedded.wire.dispatch import connection_key

if TYPE_CHECKING:
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session

log = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 600


class Attachment:
    """One connection's use of a session.

    `knows_password` says whether the client has shown the user's password, and not only the key of the session.
    """

    def __init__(self, session: Session, *, knows_password: bool) -> None:
        self.session = session
        self.detach = False
        self.knows_password = knows_password


class Attachments:
    """Which connection uses which session."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._by_connection: dict[str, Attachment] = {}
        self._lock = threading.Lock()

    def add(self, current: Any, session: Session, *, knows_password: bool) -> None:
        """Remember the connection, and notice when it goes away."""
        key = connection_key(current)
        if key is None:
            return
        with self._lock:
            self._by_connection[key] = Attachment(session, knows_password=knows_password)
        current.con.setCallback(_Lost(self, key))

    def find(self, current: Any) -> Attachment | None:
        """The connection's use of a session."""
        return self._by_connection.get(connection_key(current) or "")

    def end(self, key: str | None, *, lost: bool) -> bool:
        """The connection no longer uses its session; False if it used none.

        A client that says goodbye closes the session unless it asked to detach; one that is lost may come back.
        """
        with self._lock:
            attachment = self._by_connection.pop(key or "", None)
        if attachment is None:
            return False
        sessions = self._server.sessions
        sessions.release_servants(attachment.session, key)
        if lost or attachment.detach:
            sessions.detach(attachment.session)
        else:
            sessions.release(attachment.session)
        return True


class _Lost(Ice.ConnectionCallback):  # type: ignore[misc]
    def __init__(self, attachments: Attachments, key: str) -> None:
        self._attachments = attachments
        self._key = key

    def heartbeat(self, connection: Any) -> None:
        """Nothing to do: calls keep sessions alive, not heartbeats."""

    def closed(self, connection: Any) -> None:
        """The connection is gone."""
        del connection
        self._attachments.end(self._key, lost=True)


class Router(Glacier2.Router):  # type: ignore[misc]
    """Logs clients in; everything else goes to the same adapter directly."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._throttle = Throttle(server.config)

    def getCategoryForClient(self, current: Any = None) -> str:
        """A category for the client's own objects, unique to it."""
        del current
        return uuid.uuid4().hex

    def createSession_async(self, callback: Any, user: str, password: str, current: Any = None) -> None:
        """Open a session with name and password, or join one with its key as both."""
        try:
            session = self._server.login.session(user, password, current.ctx, _address(current))
        except Glacier2.PermissionDeniedException as refused:
            self._refuse(callback, user, password, refused)
            return
        except Glacier2.CannotCreateSessionException as refused:
            callback.ice_exception(refused)
            return
        except Exception as error:
            reference = uuid.uuid4().hex[:8]
            log.exception("login failed reference=%s", reference)
            broken = Glacier2.CannotCreateSessionException(
                f"{type(error).__name__} (reference {reference} in the server's log)"
            )
            callback.ice_exception(broken)
            return
        self._throttle.succeeded(user)
        joined = session.uuid in (user, password)
        self._server.attachments.add(current, session, knows_password=not joined)
        proxy = self._server.proxy("omero.api.ServiceFactory", session.uuid, current)
        callback.ice_response(Glacier2.SessionPrx.uncheckedCast(proxy))

    def _refuse(
        self, callback: Any, user: str, password: str, refused: Glacier2.PermissionDeniedException
    ) -> None:
        """Say no, the later the more often somebody tried; no thread that serves others waits meanwhile."""
        joins = user == password  # with the key of a session that is over, which nobody has guessed
        delay = 0.0 if joins else self._throttle.failed(user)
        if not delay:
            callback.ice_exception(refused)
            return
        log.warning("login throttled seconds=%s", delay)

        def answer() -> None:
            self._server.stops_within(delay)
            callback.ice_exception(refused)

        threading.Thread(target=answer, name="login-refused", daemon=True).start()

    def createSessionFromSecureConnection_async(self, callback: Any, current: Any = None) -> None:
        """Certificates do not log anyone in here."""
        del current
        callback.ice_exception(Glacier2.PermissionDeniedException("log in with name and password"))

    def refreshSession_async(self, callback: Any, current: Any = None) -> None:
        """Keep the connection's session alive."""
        attachment = self._server.attachments.find(current)
        if attachment is None:
            callback.ice_exception(Glacier2.SessionNotExistException())
            return
        try:
            self._server.sessions.get(attachment.session.uuid)
        except type(removed_session("")):
            callback.ice_exception(Glacier2.SessionNotExistException())
            return
        callback.ice_response()

    def destroySession(self, current: Any = None) -> None:
        """The connection no longer uses its session."""
        if not self._server.attachments.end(connection_key(current), lost=False):
            raise Glacier2.SessionNotExistException

    def getSessionTimeout(self, current: Any = None) -> int:
        """Seconds after which an idle client should say that it is alive."""
        del current
        return KEEP_ALIVE_SECONDS

    def getACMTimeout(self, current: Any = None) -> int:
        """Connections are not closed for being idle."""
        del current
        return 0

    def getClientProxy(self, current: Any = None) -> Any:
        """Clients call their objects' proxies over their own connection, so none is needed."""
        del current

    def getServerProxy(self, current: Any = None) -> Any:
        """The proxy that callbacks would go through."""
        return current.adapter.createProxy(Ice.Identity("server", "OMERO.Glacier2"))

    def addProxies(self, proxies: Any, current: Any = None) -> list[Any]:
        """Every object is reachable already."""
        del proxies, current
        return []


def _address(current: Any) -> str:
    info = current.con.getInfo() if current.con is not None else None
    address = getattr(info, "remoteAddress", "") or getattr(
        getattr(info, "underlying", None), "remoteAddress", ""
    )
    return str(address)
