"""Is there room: on the disk, in one upload, in the user's quota."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.db.models import F, Sum

from omeroweb_upload.models import ENDED, FileState, UploadFile, UploadSession
from omeroweb_upload.services.errors import UploadError, no_room, over_quota
from omeroweb_upload.sizes import size_text
from omeroweb_upload.store.places import nearest_existing

if TYPE_CHECKING:
    from omeroweb_upload.config import UploadSettings


def check_declared(settings: UploadSettings, owner_id: int, *, already: int, files: int, more: int) -> None:
    """Refuse more bytes than one upload, the user's quota or the disk can take, before any is sent.

    `already` bytes belong to the same upload, `files` is its new number of files, `more` are the new bytes.
    """
    total = already + more
    if total > settings.largest_session_bytes:
        limit = size_text(settings.largest_session_bytes)
        raise over_quota(
            f"These files have {size_text(total)}; one upload takes {limit}. Send them in parts."
        )
    if files > settings.largest_session_files:
        raise over_quota(
            f"These are {files} files; one upload takes {settings.largest_session_files}. Send them in parts."
        )
    if settings.user_quota_bytes:
        waiting = declared_bytes(owner_id)
        if waiting + more > settings.user_quota_bytes:
            raise over_quota(
                f"You may have {size_text(settings.user_quota_bytes)} waiting for import. {size_text(waiting)} are, and "
                f"{size_text(more)} would come. Import or remove earlier uploads first."
            )
    room = free_bytes(settings) - settings.keep_free_bytes - still_to_come()
    if more > room:
        raise no_room(
            f"{size_text(more)} would come, and there is room for {size_text(max(0, room))}. "
            "Try again later or ask your administrator."
        )


def check_during(settings: UploadSettings, owner_id: int) -> None:
    """Refuse to go on when the disk is nearly full or the user's files exceed the quota by now."""
    if free_bytes(settings) < settings.keep_free_bytes:
        raise no_room("The server has no room for more files just now. What arrived is kept; continue later.")
    if settings.user_quota_bytes and staged_bytes(owner_id) > settings.user_quota_bytes:
        raise over_quota(
            f"You may have {size_text(settings.user_quota_bytes)} waiting for import, and that is reached. "
            "What arrived is kept; continue after earlier uploads are imported or removed."
        )


def free_bytes(settings: UploadSettings) -> int:
    """Bytes free on the staging folder's file system."""
    state = os.statvfs(nearest_existing(settings.directory))
    return state.f_bavail * state.f_frsize


def declared_bytes(owner_id: int) -> int:
    """Bytes of the user's uploads that have not ended, arrived or not."""
    rows = UploadSession.objects.filter(owner_id=owner_id).exclude(status__in=ENDED)
    return int(rows.aggregate(total=Sum("declared_bytes"))["total"] or 0)


def staged_bytes(owner_id: int) -> int:
    """Bytes of the user that have arrived and are not imported."""
    rows = UploadFile.objects.filter(session__owner_id=owner_id).exclude(session__status__in=ENDED)
    return int(rows.aggregate(total=Sum("offset"))["total"] or 0)


def still_to_come() -> int:
    """Bytes that open uploads of everybody have declared and not sent."""
    rows = UploadFile.objects.filter(state=FileState.PENDING).exclude(session__status__in=ENDED)
    return int(rows.aggregate(total=Sum(F("size") - F("offset")))["total"] or 0)


def check_size(size: int) -> None:
    """Refuse sizes that no file has."""
    if size < 0 or size > 2**62:
        raise UploadError(f"{size} is not the size of a file.", reason="declared_size")
