"""Is there room: on the disk, in one upload, in the user's quota."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.db.models import F, Sum

from omero_plugin_common.quota import check as group_quota
from omeroweb_upload.models import ENDED, FileState, UploadFile, UploadSession
from omeroweb_upload.services.errors import UploadError, no_room, over_quota
from omeroweb_upload.sizes import size_text
from omeroweb_upload.store.places import nearest_existing

if TYPE_CHECKING:
    from omeroweb_upload.config import UploadSettings


def check_declared(settings: UploadSettings, session: UploadSession, *, files: int, more: int) -> None:
    """Refuse more bytes than one upload, the user's quota, the group's or the disk can take, before any is sent.

    `files` is the upload's new number of files, `more` are the bytes to be added to it.
    """
    total = session.declared_bytes + more
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
        waiting = declared_bytes(session.owner_id)
        if waiting + more > settings.user_quota_bytes:
            raise over_quota(
                f"You may have {size_text(settings.user_quota_bytes)} waiting for import. {size_text(waiting)} are, and "
                f"{size_text(more)} would come. Import or remove earlier uploads first."
            )
    _check_group(session, more)
    room = free_bytes(settings) - settings.keep_free_bytes - still_to_come()
    if more > room:
        raise no_room(
            f"{size_text(more)} would come, and there is room for {size_text(max(0, room))}. "
            "Try again later or ask your administrator."
        )


def _check_group(session: UploadSession, more: int) -> None:
    """Refuse what would not fit into the group's quota together with all that waits to be imported into it."""
    group = group_of(session)
    verdict = group_quota.check(group, more)
    if verdict.quota_bytes is not None and verdict.allowed:
        verdict = group_quota.check(group, waiting_bytes(session.group_id) + more)
    if not verdict.allowed:
        raise over_quota(verdict.message)


def check_during(settings: UploadSettings, session: UploadSession) -> None:
    """Refuse to go on when the disk is nearly full or a quota, the user's or the group's, is exceeded by now."""
    if free_bytes(settings) < settings.keep_free_bytes:
        raise no_room("The server has no room for more files just now. What arrived is kept; continue later.")
    if settings.user_quota_bytes and staged_bytes(session.owner_id) > settings.user_quota_bytes:
        raise over_quota(
            f"You may have {size_text(settings.user_quota_bytes)} waiting for import, and that is reached. "
            "What arrived is kept; continue after earlier uploads are imported or removed."
        )
    verdict = group_quota.check(group_of(session), session.declared_bytes)
    if not verdict.allowed:
        raise over_quota(f"{verdict.message} What arrived is kept; continue when there is room.")


def record_import(session: UploadSession, imported_bytes: int) -> None:
    """Count what came into a group that has a quota, so that uploads heed it before the next measurement."""
    group = group_of(session)
    if imported_bytes and group_quota.check(group).quota_bytes is not None:
        group_quota.record_growth(group, imported_bytes)


def group_of(session: UploadSession) -> str:
    """The name of the group that an upload goes into, as it was when the upload began."""
    return str(session.options.get("group_name", ""))


def free_bytes(settings: UploadSettings) -> int:
    """Bytes free on the staging folder's file system."""
    state = os.statvfs(nearest_existing(settings.directory))
    return state.f_bavail * state.f_frsize


def declared_bytes(owner_id: int) -> int:
    """Bytes of the user's uploads that have not ended, arrived or not."""
    rows = UploadSession.objects.filter(owner_id=owner_id).exclude(status__in=ENDED)
    return int(rows.aggregate(total=Sum("declared_bytes"))["total"] or 0)


def waiting_bytes(group_id: int) -> int:
    """Bytes that open uploads of everybody have declared for a group and that are not imported."""
    rows = UploadFile.objects.filter(
        session__group_id=group_id, source="", state__in=[FileState.PENDING, FileState.UPLOADED]
    ).exclude(session__status__in=ENDED)
    return int(rows.aggregate(total=Sum("size"))["total"] or 0)


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
