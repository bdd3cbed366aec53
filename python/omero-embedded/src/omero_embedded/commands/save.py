"""Save: storing an object as one of several requests, e.g. a link next to the move that makes it possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded.updates.save import save
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class SaveCommand:
    """Saves one object with everything loaded that it reaches, like IUpdate does."""

    request = "omero.api.Save"

    def __init__(self, server: Server) -> None:
        pass

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """The saved object; ends in an ERR for what cannot be saved."""
        if request.obj is None:
            raise CommandError("bad-request", "Save takes an object")
        (saved,) = save(call, [request.obj])
        progress(1, 1)
        return omero.api.SaveRsp(saved)
