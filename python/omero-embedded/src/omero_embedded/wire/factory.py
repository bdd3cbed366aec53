"""The ServiceFactory: a session's entry to all services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded.commands.refuse import WITHOUT_HANDLE
from omero_embedded.errors import api_usage, not_supported, security
from omero_embedded.security.permissions import may_enter
from omero_embedded.shares.entry import activate, deactivate, open_shares
from omero_embedded.wire.dispatch import connection_key
from omero_embedded.wire.handles import Handle
from omero_embedded.wire.operations import operations, returned_interface

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Servant

_SERVICES: Mapping[str, str] = {
    operation.name: interface
    for operation in operations("omero.api.ServiceFactory")
    if (interface := returned_interface(operation)) is not None
}


class ServiceFactory:
    """Hands out services; `get…Service` and `create…` are answered from the table of interfaces."""

    interface = "omero.api.ServiceFactory"

    def __init__(self, server: Server) -> None:
        self._server = server

    def __getattr__(self, name: str) -> Callable[..., Any]:
        interface = _SERVICES.get(name)
        if interface is None:
            raise AttributeError(name)
        return lambda call: self._service(call, interface)

    def _service(self, call: Call, interface: str) -> Any:
        server = self._server
        if not server.offers(interface):
            raise not_supported(interface.rpartition(".")[2])
        if not server.is_stateful(interface):
            return server.proxy(interface, call.session.uuid, call.connection)
        return server.serve(call, interface, server.create(interface, call.session))

    def getByName(self, call: Call, name: str) -> Any:
        """A stateless service by the name of its interface, or an open one by its name in `activeServices`."""
        for member, held in list(call.session.servants.items()):
            if name == _active_name(call, member, held):
                proxy = self._server.proxy(held.interface, f"{call.session.uuid}/{member}")
                return omero.api.ServiceInterfacePrx.uncheckedCast(proxy)
        return self._by_name(call, name, stateful=False)

    def createByName(self, call: Call, name: str) -> Any:
        """A stateful service by the name of its interface."""
        return self._by_name(call, name, stateful=True)

    def _by_name(self, call: Call, name: str, *, stateful: bool) -> Any:
        interface = next(
            (known for known in _SERVICES.values() if name in (known, known.rpartition(".")[2])), None
        )
        short = name.rpartition(".")[2]
        if interface is None and hasattr(omero.api, f"{short}Prx"):
            raise not_supported(short)
        if interface is None or self._server.is_stateful(interface) != stateful:
            raise api_usage(f"there is no {'stateful' if stateful else 'stateless'} service {name!r}")
        return self._service(call, interface)

    def setCallback(self, call: Call, callback: Any) -> None:
        """Clients register for notices that this server never sends."""

    def subscribe(self, call: Call, topic: str, callback: Any) -> None:
        """There are no topics to subscribe to."""
        raise not_supported(f"subscribe to {topic!r}")

    def detachOnDestroy(self, call: Call) -> None:
        """When this connection ends, leave the session open."""
        self._mark(call, detach=True)

    def closeOnDestroy(self, call: Call) -> None:
        """When this connection ends, close the session."""
        self._mark(call, detach=False)

    def _mark(self, call: Call, *, detach: bool) -> None:
        attachment = self._server.attachments.find(call.connection)
        if attachment is not None:
            attachment.detach = detach

    def activeServices(self, call: Call) -> list[str]:
        """Names of the session's open stateful services, which `getByName` takes."""
        return [_active_name(call, *held) for held in list(call.session.servants.items())]

    def keepAllAlive(self, call: Call, proxies: list[Any]) -> int:
        """Bit i is set where the i-th proxy is still served."""
        alive = 0
        for bit, proxy in enumerate(proxies):
            alive |= self.keepAlive(call, proxy) << bit
        return alive

    def keepAlive(self, call: Call, proxy: Any) -> bool:
        """Whether the object behind the proxy is still served; counts as use of the session."""
        if proxy is None:
            return False
        key, _, member = proxy.ice_getIdentity().name.partition("/")
        return bool(key == call.session.uuid and (not member or member in call.session.servants))

    def getSecurityContexts(self, call: Call) -> list[Any]:
        """The groups the session can work in, and the shares it can look into."""
        groups = [omero.model.ExperimenterGroupI(group, False) for group in call.caller.member_of]
        return groups + [omero.model.ShareI(share, False) for share in open_shares(call)]

    def setSecurityContext(self, call: Call, target: Any) -> Any:
        """Make a group or a share the session's current context; returns the previous one.

        What stateful services hold belongs to the group they were opened in, so none may be open.
        """
        previous = _context(call)
        if isinstance(target, omero.model.Share) and target.id is not None:
            activate(call, target.id.val)
            return previous
        if not isinstance(target, omero.model.ExperimenterGroup) or target.id is None:
            raise api_usage("setSecurityContext takes an ExperimenterGroup or a Share with an id")
        group = target.id.val
        if group < 0:
            raise api_usage(f"a session works in one group; omero.group={group} is for single calls")
        if not may_enter(call.caller, group):
            raise security(f"{call.caller.user_name} is not a member of group {group}")
        if group not in self._server.directory.groups:
            raise api_usage(f"there is no group {group}")
        if call.caller.confined_to is not None:
            raise security("a session that a group's owner has opened for a member stays in its group")
        held = {servant.interface for servant in list(call.session.servants.values())}
        if stateful := sorted(filter(self._server.is_stateful, held)):
            raise security(f"close {', '.join(stateful)} before changing the group")
        deactivate(call)
        call.session.group_id = group
        return previous

    def setSecurityPassword(self, call: Call, password: str) -> None:
        """Prove once more who you are, as some operations ask for."""
        if not self._server.login.password_matches(call.caller.user_id, password):
            raise security("wrong password")
        attachment = self._server.attachments.find(call.connection)
        if attachment is not None:
            attachment.knows_password = True

    def submit(self, call: Call, request: Any) -> Any:
        """Run a command in the background; the handle tells how it goes.

        None for null and the few requests that are but defined: OMERO.server gives out no handle for them either.
        """
        if request is None or request.ice_id() in WITHOUT_HANDLE:
            return None
        handle = Handle(self._server, call, request)
        # A handle outlives the connection that asked: OMERO.web polls it in later requests.
        proxy = self._server.serve(call, "omero.cmd.Handle", handle, keep=True)
        handle.start()
        return proxy

    def destroy(self, call: Call) -> None:
        """This connection no longer uses the session."""
        self._server.attachments.end(connection_key(call.connection), lost=False)


def _active_name(call: Call, member: str, held: Servant) -> str:
    return f"{call.session.uuid}/{member}{held.interface}"


def _context(call: Call) -> Any:
    session = call.session
    if session.share is not None:
        return omero.model.ShareI(session.share, False)
    return omero.model.ExperimenterGroupI(session.group_id, False)
