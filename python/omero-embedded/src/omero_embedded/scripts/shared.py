"""The one processor of a server, found by whoever needs it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from omero_embedded.scripts.processor import Processor

if TYPE_CHECKING:
    from omero_embedded.server import Server

_processors: WeakKeyDictionary[Server, Processor] = WeakKeyDictionary()
_lock = threading.Lock()


def processor_of(server: Server) -> Processor:
    """The server's processor; made at first use."""
    with _lock:
        found = _processors.get(server)
        if found is None:
            found = _processors[server] = Processor(server)
        return found
