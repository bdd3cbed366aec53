"""Slowing down who guesses passwords."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omero_embedded.config import Config

_NAMES = 1000  # as many are remembered; made-up names must not fill the memory


class Throttle:
    """Failed logins in a row by name, and how long the answer to one more is held back.

    omero.security.login_failure_throttle_count failures are answered at once, later ones after
    omero.security.login_failure_throttle_time milliseconds, until the right password is given.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._failures: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def succeeded(self, name: str) -> None:
        """The right password was given."""
        with self._lock:
            self._failures.pop(name, None)

    def failed(self, name: str) -> float:
        """A wrong password was given; seconds to wait before saying so."""
        with self._lock:
            count = self._failures.pop(name, 0) + 1
            self._failures[name] = count
            while len(self._failures) > _NAMES:
                self._failures.popitem(last=False)
        if count <= int(self._config.get("omero.security.login_failure_throttle_count")):
            return 0.0
        return int(self._config.get("omero.security.login_failure_throttle_time")) / 1000
