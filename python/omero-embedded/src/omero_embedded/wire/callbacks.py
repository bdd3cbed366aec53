"""Calling clients back, for as long as there is a communicator to do it with."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import Ice

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)


class Callbacks:
    """Tells clients what they asked to be told.

    What runs in the background may end while the server stops, and zeroc-ice ends the process when a call begins
    after its communicator was destroyed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over = False

    def tell(self, begin: Callable[..., Any], *arguments: Any) -> None:
        """Begin a call to a client; it may be gone, and nobody is told once `end` was called."""
        with self._lock:
            if self._over:
                return
            try:
                begin(*arguments)
            except Ice.Exception as gone:
                log.debug("client no longer listens: %s", type(gone).__name__)

    def end(self) -> None:
        """The communicator is about to go; returns when no call is being begun."""
        with self._lock:
            self._over = True
