"""Save: saving an object as a request, which DoAll runs after others, e.g. a link after the move of its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded.updates.save import save_whole
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class SaveCommand:
    """Saves one object with everything loaded that it reaches, as IUpdate.saveAndReturnObject does."""

    request = "omero.api.Save"

    def __init__(self, server: Server) -> None:
        del server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """The saved object; ends in an ERR for what cannot be saved."""
        if request.obj is None:
            raise CommandError("bad-request", "Save takes an object")
        try:
            (saved,) = save_whole(call, [request.obj])
        except omero.ServerError as error:
            raise CommandError("failed", f"{type(error).__name__}: {error.message}") from None
        progress(1, 1)
        return omero.api.SaveRsp(saved)
