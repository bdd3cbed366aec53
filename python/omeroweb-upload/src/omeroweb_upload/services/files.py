"""Taking files out of an upload, and removing what is staged."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.models import Job, JobState
from omeroweb_upload.models import ENDED, FileState, SetState, Status, UploadFile, UploadSession
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.sessions import is_worked_on
from omeroweb_upload.store.fence import Fence
from omeroweb_upload.store.places import fence_path, files_folder, session_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from omeroweb_upload.config import UploadSettings

CHANGEABLE = (Status.UPLOADING, Status.AWAITING, Status.READY)


def staged_file(settings: UploadSettings, row: UploadFile) -> Path:
    """Where the bytes of a file are."""
    return files_folder(settings, row.session_id) / str(row.stored_path)


def discard_file(settings: UploadSettings, row: UploadFile) -> None:
    """Take one file out of an upload that still takes files, with what arrived of it."""
    with transaction.atomic(using=ALIAS):
        session = UploadSession.objects.select_for_update().get(pk=row.session_id)
        if session.status not in CHANGEABLE:
            raise UploadError("Files of this upload can't be removed any more.", status=409, reason="closed")
        row.delete()
        _recount(session)
    _remove(settings, session.id, [row])


def keep_only(settings: UploadSettings, session: UploadSession, keep: Iterable[str]) -> int:
    """Take out every file whose path is not listed; returns how many went."""
    wanted = set(keep)
    with transaction.atomic(using=ALIAS):
        session = UploadSession.objects.select_for_update().get(pk=session.pk)
        if session.status not in CHANGEABLE:
            raise UploadError("Files of this upload can't be removed any more.", status=409, reason="closed")
        rows = [
            row
            for row in session.files.only("id", "path", "stored_path", "session_id")
            if row.path not in wanted
        ]
        UploadFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
        session.sets.filter(files__isnull=True).delete()
        _recount(session)
    _remove(settings, session.id, rows)
    return len(rows)


def _recount(session: UploadSession) -> None:
    rows = session.files.exclude(state=FileState.SKIPPED)
    session.declared_bytes = rows.aggregate(total=Sum("size"))["total"] or 0
    session.touched_at = timezone.now()
    session.save(update_fields=["declared_bytes", "touched_at"])


def _remove(settings: UploadSettings, session_id: str, rows: Iterable[UploadFile]) -> None:
    for row in rows:
        path = files_folder(settings, session_id) / row.stored_path
        if not path.exists():
            continue
        with Fence(fence_path(settings, session_id, row.pk)) as fence, fence.held():
            path.unlink(missing_ok=True)
        fence_path(settings, session_id, row.pk).unlink(missing_ok=True)


def remove_staged(settings: UploadSettings, session: UploadSession) -> bool:
    """Remove everything that is staged of an upload; its rows stay, to show what became of it.

    Returns False for an upload that has not ended, or that a job still works on. The mark comes first, under the lock
    that trying again takes too: an upload with it is not started again.
    """
    with transaction.atomic(using=ALIAS):
        row = UploadSession.objects.select_for_update().get(pk=session.pk)
        if row.status not in ENDED or is_worked_on(row):
            return False
        row.options["pruned"] = True
        row.save(update_fields=["options"])
    shutil.rmtree(session_folder(settings, session.id), ignore_errors=True)
    return True


def prune_ended(settings: UploadSettings, session: UploadSession) -> None:
    """Remove what is staged of an upload that has ended, unless something of it could be tried again.

    Spectra that found no image stay until they are too old: their owner may still choose one. So do those whose job
    failed or was cancelled, since jobs can be tried again.
    """
    followed = Job.objects.filter(pk=session.follow_up_job, state=JobState.DONE).exists()
    # Read after the job: before a job ends, it leaves with the upload what it found no image for.
    row = UploadSession.objects.get(pk=session.pk)
    if row.status != Status.DONE or (row.follow_up_job and not followed) or row.follow_up.get("unmatched"):
        return
    if not row.sets.filter(state__in=[SetState.FAILED, SetState.PENDING, SetState.IMPORTING]).exists():
        remove_staged(settings, row)
