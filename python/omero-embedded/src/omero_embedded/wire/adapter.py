"""The Ice communicator and the one adapter that everything is served on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import Ice
import omero
import omero.all
from omero.rtypes import ObjectFactories

from omero_embedded.wire.tls import certificate

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE_SIZE_KIB = 250_000
THREADS = 16
NESTING = 1000  # objects within objects in a message; each level takes from the stack of a thread


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where to listen; a port of None leaves that transport out, 0 takes a free one."""

    host: str = "127.0.0.1"
    ssl_port: int | None = 4064
    tcp_port: int | None = 4063

    def text(self) -> str:
        """The endpoints in Ice's notation."""
        parts = [f"tcp -h {self.host} -p {self.tcp_port}" if self.tcp_port is not None else ""]
        parts += [f"ssl -h {self.host} -p {self.ssl_port}" if self.ssl_port is not None else ""]
        return ":".join(part for part in parts if part)


def communicator(endpoints: Endpoints, certificates: Path) -> Any:
    """A communicator that can serve these endpoints."""
    settings = {
        "Ice.MessageSizeMax": str(MESSAGE_SIZE_KIB),
        "Ice.ClassGraphDepthMax": str(NESTING),
        "Ice.ThreadPool.Server.Size": "4",
        "Ice.ThreadPool.Server.SizeMax": str(THREADS),
        "Ice.ThreadPool.Client.SizeMax": "4",
        "Ice.ACM.Server.Close": "0",
        "Ice.Warn.Connections": "0",
        "Ice.Warn.Dispatch": "0",
        "Ice.ImplicitContext": "None",
    }
    if endpoints.ssl_port is not None:
        store, password = certificate(certificates)
        settings |= {
            "Ice.Plugin.IceSSL": "IceSSL:createIceSSL",
            "IceSSL.CertFile": str(store),
            "IceSSL.Password": password,
            "IceSSL.VerifyPeer": "0",
        }
    data = Ice.InitializationData()
    data.properties = Ice.createProperties()
    for name, value in settings.items():
        data.properties.setProperty(name, value)
    made = Ice.initialize(data)
    omero.model  # noqa: B018 - loading the model registers its classes
    _register_factories(made)
    return made


def _register_factories(made: Any) -> None:
    from omero import ObjectFactoryRegistrar  # noqa: PLC0415 - only importable after omero.all

    ObjectFactoryRegistrar.registerObjectFactory(made, None)
    for factory in ObjectFactories.values():
        factory.register(made)
