"""Kinds of jobs of the plugin; importing this module registers them."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from django.utils import timezone
from pydantic import BaseModel

from omero_plugin_common import audit
from omero_plugin_common.jobs.errors import JobCancelledError, JobFailedError, JobLimitError
from omero_plugin_common.jobs.kinds import Step, Steps, job_kind
from omero_plugin_common.models import JobState
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import ENDED, FileState, SetState, Status, UploadSession
from omeroweb_upload.services import cleanup, edx_jobs
from omeroweb_upload.services.files import remove_staged, staged_file
from omeroweb_upload.services.follow_ups import start_follow_up
from omeroweb_upload.services.sessions import (
    CHECK_KIND,
    IMPORT_KIND,
    TIDY_KIND,
    WORKING_KINDS,
    jobs_of,
    move,
    owner_of,
    start_import,
)
from omeroweb_upload.store.places import files_folder

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from omero_plugin_common.jobs.context import JobContext
    from omero_plugin_common.models import Job

__all__ = ["cleanup", "edx_jobs"]

LONGEST_SECONDS = 7 * 86400
PAUSE_SECONDS = 0.2
# Every step asks the database whether to go on, which takes longer than looking at a file.
SHOW_SECONDS = 0.1


class SessionParameters(BaseModel):
    """Which upload a job works on."""

    session_id: str


def _session(context: JobContext) -> UploadSession:
    found = UploadSession.objects.filter(
        pk=context.parameters.session_id, owner_id=context.owner.user_id
    ).first()
    if found is None:
        raise JobFailedError("This upload was removed.")
    return found


@job_kind(CHECK_KIND, title="Check files", parameters=SessionParameters, time_limit_seconds=LONGEST_SECONDS)
def check(context: JobContext) -> Steps:
    """Verify what arrived, find file sets and duplicates, and go on or ask."""
    from omeroweb_upload.services import checking  # noqa: PLC0415 - loads Ice, which OMERO.web does not need for this

    session, settings = _session(context), upload_settings()
    if session.status != Status.CHECKING:
        return None
    rows = list(session.files.filter(state=FileState.UPLOADED, source="").order_by("position"))
    shown = time.monotonic()
    for number, row in enumerate(rows, start=1):
        context.check()
        if problem := checking.verify_on_disk(row, staged_file(settings, row)):
            raise JobFailedError(f"{row.path}: {problem}")
        if time.monotonic() - shown >= SHOW_SECONDS:
            yield Step(number, total=len(rows) + 1, message=f"Checking {row.path}")
            shown = time.monotonic()
    found = checking.find_sets(session.files.order_by("position"), files_folder(settings, session.id))
    ask = checking.save_sets(session, found)
    with context.gateway() as conn:
        duplicates = checking.find_duplicates(conn, session)
    if duplicates and session.options.get("duplicates") == "skip":
        checking.skip_duplicates(session)
        duplicates = 0
    ask = ask or (bool(duplicates) and session.options.get("duplicates", "ask") == "ask")
    if move(session, Status.AWAITING if ask else Status.READY, (Status.CHECKING,)) and not ask:
        session.refresh_from_db()
        if session.options.get("auto_import", True):
            start_import(session)
    yield Step(len(rows) + 1, total=len(rows) + 1, message=f"{len(found)} file sets")
    return {"session_id": session.id, "sets": len(found), "duplicates": duplicates, "ask": ask}


@job_kind(
    IMPORT_KIND,
    title="Import",
    parameters=SessionParameters,
    max_attempts=10,
    time_limit_seconds=LONGEST_SECONDS,
)
def run_import(context: JobContext) -> Steps:
    """Import all sets that are waiting; goes on where an earlier worker was killed."""
    from omeroweb_upload.services import importing  # noqa: PLC0415 - loads Ice, which OMERO.web does not need for this

    session, settings = _session(context), upload_settings()
    if session.status != Status.IMPORTING:
        return None
    _wait_for(context, jobs_of(session, TIDY_KIND))
    with context.gateway() as conn:
        yield from importing.reconcile(context, conn, settings, session)
        importing.keep_late_images(conn, settings, session)
        sets = session.sets.exclude(state=SetState.SKIPPED)
        total = sets.count()
        # A web process may be killed between cancelling an upload and cancelling its jobs.
        while sets.filter(state=SetState.PENDING, session__status=Status.IMPORTING).exists():
            results = importing.import_batch(context, conn, settings, session)
            done = sets.exclude(state__in=[SetState.PENDING, SetState.IMPORTING]).count()
            last = next((result.message for result in results if not result.imported), "")
            yield Step(done, total=total, message=last or f"{done} of {total} file sets")
    return _end(session)


def _end(session: UploadSession) -> dict[str, object]:
    failed = session.sets.filter(state=SetState.FAILED).count()
    images = [number for ids in session.sets.values_list("image_ids", flat=True) for number in ids]
    if not move(session, Status.ERROR if failed else Status.DONE, (Status.IMPORTING,)):
        raise JobCancelledError("The upload was cancelled.")
    session.refresh_from_db()
    target = {"upload": session.id, "images": len(images), "failed": failed}
    audit.record(owner_of(session), "upload.import", str(session.status), target=target)
    if images:
        with suppress(JobLimitError):  # once some of its owner's jobs have ended, `push_on` submits it
            start_follow_up(session)
    return {"session_id": session.id, "images": images[:1000], "image_count": len(images), "failed": failed}


def _wait_for(context: JobContext, others: QuerySet[Job]) -> None:
    """Two jobs that bring the same sets into order would remove what the other is making."""
    while others.filter(state=JobState.RUNNING).exists():
        context.wait(PAUSE_SECONDS)


@job_kind(TIDY_KIND, title="Tidy up", parameters=SessionParameters)
def tidy(context: JobContext) -> Steps:
    """After a cancelled or broken-off upload: keep what became images, remove the rest.

    Jobs that are being cancelled are waited for; an upload that was started again does this by itself.
    """
    from omeroweb_upload.services import importing  # noqa: PLC0415 - loads Ice, which OMERO.web does not need for this

    session, settings = _session(context), upload_settings()
    if session.status not in ENDED:
        return None
    if session.status == Status.CANCELLED:
        _wait_for(context, jobs_of(session, *WORKING_KINDS))
    if session.sets.filter(state=SetState.IMPORTING).exists():
        with context.gateway() as conn:
            yield from importing.reconcile(context, conn, settings, session)
    if session.status == Status.CANCELLED:
        remove_staged(settings, session)
        UploadSession.objects.filter(pk=session.pk).update(touched_at=timezone.now())
    yield Step(1, total=1)
    return {"session_id": session.id}
