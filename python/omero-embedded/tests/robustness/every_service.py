"""Every service of a server, for tests that call all of their operations."""

from __future__ import annotations

from typing import Any

import omero

from omero_embedded.wire.operations import Operation, operations

# They end what the next call needs (or its password), or wait for something by design.
LEFT_OUT = {
    "destroy",
    "close",
    "detachOnDestroy",
    "closeOnDestroy",
    "subscribe",
    "acquireProcessor",
    "destroySession",
    "changePassword",
}


def reach(client: Any, interface: str) -> Any:
    """A proxy of an interface, as clients get it."""
    name = interface.rpartition(".")[2]
    if name == "ServiceFactory":
        return client.sf
    if name == "Handle":
        return client.sf.submit(omero.cmd.DoAll([]))
    if name == "SharedResources":
        return client.sf.sharedResources()
    if name == "ManagedRepository":
        return client.getManagedRepository()
    getter = next(
        one.name
        for one in operations("omero.api.ServiceFactory")
        if (one.returns or "").endswith(f"_t_{name}Prx")
    )
    return getattr(client.sf, getter)()


def left_out(operation: Operation) -> bool:
    """Whether a call would end the session or wait."""
    return operation.name in LEFT_OUT
