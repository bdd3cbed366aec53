"""What can go wrong with an upload; every message is for the person who uploads."""

from __future__ import annotations

from typing import Final

from omero_plugin_common.web.errors import UserError

CHECKSUM_MISMATCH: Final = 460  # of the tus protocol
NO_ROOM: Final = 507


class UploadError(UserError):
    """Something about an upload that its owner can act on; `reason` is what metrics count it under."""

    def __init__(self, message: str, *, status: int = 400, reason: str = "refused") -> None:
        super().__init__(message, status=status)
        self.reason = reason


def not_found() -> UploadError:
    """The same for strangers' uploads and for none at all."""
    return UploadError(
        "There is no such upload, or it belongs to somebody else.", status=404, reason="not_found"
    )


def no_room(message: str) -> UploadError:
    return UploadError(message, status=NO_ROOM, reason="no_room")


def over_quota(message: str) -> UploadError:
    return UploadError(message, status=413, reason="quota")
