"""Requests about requests: Timing shows what watching one costs, ListRequests which there are."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import omero
import omero.cmd
import omero.cmd.graphs

from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

MOST_STEPS = 1_000_000
LONGEST_MS = 5 * 60 * 1000


class TimingCommand:
    """Waits as long and in as many steps as it is told."""

    request = "omero.cmd.Timing"

    def __init__(self, server: Server) -> None:
        self._stopped = threading.Event()
        server.on_stop(self._stopped.set)

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """OK, after five minutes at most."""
        steps, pause = request.steps, request.millisPerStep
        if steps > MOST_STEPS:
            raise CommandError("too-many-steps", f"at most {MOST_STEPS} steps", steps=str(steps))
        if pause > LONGEST_MS:
            raise CommandError(
                "too-long-steps", f"at most {LONGEST_MS} ms in a step", millisPerStep=str(pause)
            )
        if steps * pause > LONGEST_MS:
            raise CommandError(
                "too-long", f"at most {LONGEST_MS} ms in all", steps=str(steps), millisPerStep=str(pause)
            )
        if steps < 1:
            raise CommandError("no-steps", "there is nothing to do")
        for step in range(steps):
            if self._stopped.wait(pause / 1000):
                raise CommandError("cancelled", "the server stops")
            progress(step + 1, steps)
        return omero.cmd.OK()


class ListRequestsCommand:
    """Names the requests of omero.cmd that this server answers."""

    request = "omero.cmd.ListRequests"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """One empty request of each kind."""
        names = [name.removeprefix("omero.cmd.") for name in self._server.requests()]
        kinds = [getattr(omero.cmd, name) for name in names if "." not in name]
        return omero.cmd.ListRequestsRsp([kind() for kind in kinds])
