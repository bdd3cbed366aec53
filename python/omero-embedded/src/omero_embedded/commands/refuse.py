"""Requests that make no sense without what a real server has around it; each says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.cmd

from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


# In the Slice definitions only: OMERO.server, too, gives out no handle for them.
WITHOUT_HANDLE = frozenset(
    f"::omero::cmd::{name}" for name in ("FindHandles", "GraphModify2", "GraphQuery", "PopStatus", "Request")
)


class ResetPasswordCommand:
    """Would mail a new password."""

    request = "omero.cmd.ResetPasswordRequest"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Refuse: there is no mail."""
        raise CommandError(
            "not-supported",
            "password reset needs mail, which the embedded OMERO does not send; an administrator can set it",
        )


class SendEmailCommand:
    """Would mail users."""

    request = "omero.cmd.SendEmailRequest"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Refuse: there is no mail."""
        raise CommandError("not-supported", "the embedded OMERO does not send mail")


class FindPyramidsCommand:
    """Looks for pyramid files that Bio-Formats made; there are none here."""

    request = "omero.cmd.FindPyramids"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """For administrators: none."""
        if not call.caller.is_admin:
            raise CommandError("not-admin", "FindPyramids is for administrators")
        return omero.cmd.FindPyramidsResponse([])
