"""Who may use the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omeroweb_upload.services.errors import UploadError

if TYPE_CHECKING:
    from omero_plugin_common.web.caller import Caller

ROOT_NAME = "root"


def refuse_root(caller: Caller) -> None:
    """Raises UploadError 403 for the root user, whose images would belong to nobody in particular."""
    if is_root(caller):
        raise UploadError(
            "Log in as a regular user: images of root belong to nobody.", status=403, reason="root"
        )


def is_root(caller: Caller) -> bool:
    return caller.owner.username == ROOT_NAME
