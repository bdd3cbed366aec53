"""The server: one object that ties store, sessions and services to the wire."""

from __future__ import annotations

import logging
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import Ice
import omero
import omero.all

import omero_embedded.commands
import omero_embedded.services
from omero_embedded.config import Config
from omero_embedded.discovery import classes
from omero_embedded.errors import not_supported, removed_session
from omero_embedded.security.directory import Directory, read_directory
from omero_embedded.security.login import Login
from omero_embedded.store.bootstrap import bootstrap
from omero_embedded.store.database import Database
from omero_embedded.wire.adapter import Endpoints, communicator
from omero_embedded.wire.callbacks import Callbacks
from omero_embedded.wire.dispatch import connection_key, is_lost, servant
from omero_embedded.wire.factory import ServiceFactory
from omero_embedded.wire.handles import Command, Handle
from omero_embedded.wire.operations import interface_class
from omero_embedded.wire.router import Attachments, Router
from omero_embedded.wire.sessions import SessionRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from omero_embedded.security.context import Call
    from omero_embedded.wire.sessions import Session

log = logging.getLogger(__name__)

REAP_SECONDS = 15
# Ice categories of objects, where clients look at them: OMERO.web knows the proxy of a running script by its beginning.
CATEGORIES = {"omero.grid.ScriptProcess": "ProcessCallback"}


class Server:
    """An embedded OMERO server; `start` serves, `stop` ends it."""

    def __init__(
        self,
        data: Path,
        *,
        endpoints: Endpoints | None = None,
        database_url: str | None = None,
        root_password: str,
        config: Mapping[str, str] | None = None,
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.db = Database(database_url or f"sqlite:///{data / 'omero.db'}")
        bootstrap(self.db, root_password)
        self.config = Config(self.db, config or {})
        self.config.suggest("omero.data.dir", str(data.resolve()))
        self.config.suggest("omero.managed.dir", str(data.resolve() / "ManagedRepository"))
        self.executor = ThreadPoolExecutor(max_workers=8, thread_name_prefix="command")
        self.sessions = SessionRegistry(self)
        self.login = Login(self)
        self.attachments = Attachments(self)
        self.callbacks = Callbacks()
        # Told (root class name, ids) of what was deleted, after the deletion is committed.
        self.after_delete: list[Callable[[str, list[int]], None]] = []
        self._on_stop: list[Callable[[], None]] = []
        self._on_stopped: list[Callable[[], None]] = []
        self._directory: Directory | None = None
        self._directory_changes = 0
        self._directory_lock = threading.Lock()
        self._endpoints = endpoints or Endpoints()
        self._stopped = threading.Event()
        self._ice: Any = None
        self._adapter: Any = None
        self._stateless: dict[str, Any] = {}
        self._stateful: dict[str, type[Any]] = {}
        self._commands: dict[str, Command] = {}
        self._find_services()

    @property
    def directory(self) -> Directory:
        """All users and groups."""
        directory = self._directory
        while directory is None:
            changes = self._directory_changes
            with self.db.read() as connection:
                read = read_directory(connection)
            if self.db.is_together:  # it may never be committed, so it is nobody else's
                return read
            with self._directory_lock:
                if changes == self._directory_changes:  # else it was read before somebody's change
                    directory = self._directory = read
        return directory

    def forget_directory(self) -> None:
        """Read users and groups again at the next call; for who changes them."""
        with self._directory_lock:
            self._directory_changes += 1
            self._directory = None

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call this when the server stops, before the calls that are under way have ended: what they may wait for."""
        self._on_stop.append(callback)

    def on_stopped(self, callback: Callable[[], None]) -> None:
        """Call this when the last call has ended."""
        self._on_stopped.append(callback)

    # Services

    def _find_services(self) -> None:
        for found in (ServiceFactory, *classes(omero_embedded.services, "interface")):
            if getattr(found, "stateful", False):
                self._stateful[found.interface] = found
            else:
                self._stateless[found.interface] = found(self)
        for found in classes(omero_embedded.commands, "request"):
            self._commands[found.request] = found(self)

    def offers(self, interface: str) -> bool:
        """Whether there is an implementation of the interface."""
        return interface in self._stateless or interface in self._stateful

    def is_stateful(self, interface: str) -> bool:
        """Whether each client gets its own object of the interface."""
        return interface in self._stateful or issubclass(
            interface_class(interface), omero.api.StatefulServiceInterface
        )

    def service(self, interface: str) -> Any:
        """The implementation of a stateless interface."""
        try:
            return self._stateless[interface]
        except KeyError:
            raise not_supported(interface.rpartition(".")[2]) from None

    def create(self, interface: str, session: Session) -> Any:
        """A new object of a stateful interface."""
        return self._stateful[interface](self, session)

    def command(self, request: Any) -> Command | None:
        """What runs this kind of request."""
        return self._commands.get(request.ice_id().removeprefix("::").replace("::", "."))

    def requests(self) -> list[str]:
        """Names of all kinds of request that are answered."""
        return sorted(self._commands)

    # The wire

    def start(self) -> None:
        """Listen; returns at once."""
        self._ice = communicator(self._endpoints, self.data / "certs")
        self._adapter = self._ice.createObjectAdapterWithEndpoints("OMERO", self._endpoints.text())
        self._adapter.add(Router(self), self._ice.stringToIdentity("OMERO.Glacier2/router"))
        for interface in (*self._stateless, *self._stateful, Handle.interface):
            self._serve_interface(interface)
        if "tcp" in self.ports():
            self.config.suggest(
                "omero.router.insecure", f"OMERO.Glacier2/router:tcp -p {self.ports()['tcp']} -h @omero.host@"
            )
        self._adapter.activate()
        threading.Thread(target=self._reap, name="session-reaper", daemon=True).start()

    def _serve_interface(self, interface: str) -> None:
        category = CATEGORIES.get(interface, interface)
        if self._adapter is not None and self._adapter.findDefaultServant(category) is None:
            self._adapter.addDefaultServant(servant(self, interface), category)

    def ports(self) -> dict[str, int]:
        """The ports that are listened on, by transport ("tcp", "ssl")."""
        found = {}
        for endpoint in self._adapter.getEndpoints():
            info = endpoint.getInfo()
            found["ssl" if info.secure() else "tcp"] = info.port
        return found

    def proxy(self, interface: str, name: str, current: Any = None) -> Any:
        """A typed proxy of an object of the interface; by the connection's adapter when there is one."""
        del current
        identity = Ice.Identity(name, CATEGORIES.get(interface, interface))
        module, _, short = interface.rpartition(".")
        target: Any = omero
        for part in module.split(".")[1:]:
            target = getattr(target, part)
        return getattr(target, f"{short}Prx").uncheckedCast(self._adapter.createProxy(identity))

    def serve(self, call: Call, interface: str, implementation: Any, *, keep: bool = False) -> Any:
        """Serve an object to the caller's session and return its proxy.

        It is released with the connection that asked for it, or, with `keep`, with the session.
        """
        self._serve_interface(interface)
        connection: Any = call.connection
        key = None if keep or connection is None else connection_key(connection)
        member = call.session.add(interface, implementation, key)
        # What ended during this call may have ended before it could see the object, which nobody would release then.
        if not self.sessions.is_open(call.session):
            self.sessions.release_servants(call.session)
            raise removed_session("the session was closed during this call; log in again")
        if key is not None and is_lost(connection):
            self.sessions.release_servants(call.session, key)
        return self.proxy(interface, f"{call.session.uuid}/{member}")

    def _reap(self) -> None:
        while not self._stopped.wait(REAP_SECONDS):
            try:
                self.sessions.close_expired()
            except Exception:  # a store that does not answer now may do so next time
                log.exception("idle sessions not closed reference=%s", uuid.uuid4().hex[:8])

    def stops_within(self, seconds: float) -> bool:
        """Wait; True as soon as the server stops, which waits for the answers to all calls."""
        return self._stopped.wait(seconds)

    def stop(self) -> None:
        """Stop listening, end running commands, close the store."""
        self._stopped.set()
        self.callbacks.end()
        for callback in self._on_stop:
            callback()
        if self._ice is not None:
            self._ice.destroy()
        for callback in self._on_stopped:
            callback()
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.db.close()
