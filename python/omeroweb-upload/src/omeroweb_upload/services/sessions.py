"""Finding uploads, and moving them from stage to stage."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from omero_plugin_common import audit
from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs import service
from omero_plugin_common.jobs.errors import JobLimitError, JobStateError
from omero_plugin_common.models import UNFINISHED, Job, JobState
from omeroweb_upload.models import ENDED, FileState, SetState, Status, UploadFile, UploadSession
from omeroweb_upload.services import metrics
from omeroweb_upload.services.errors import UploadError, not_found
from omeroweb_upload.services.follow_ups import METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

CHECK_KIND = "upload.check"
IMPORT_KIND = "upload.import"
TIDY_KIND = "upload.tidy"
# Whose jobs read what is staged.
WORKING_KINDS = (CHECK_KIND, IMPORT_KIND, *METHODS.values())


def find_session(session_id: str, owner_id: int) -> UploadSession:
    """The user's upload; raises UploadError 404 alike for strangers' uploads and for none at all."""
    session = UploadSession.objects.filter(pk=session_id, owner_id=owner_id).first()
    if session is None:
        raise not_found()
    return session


def find_file(upload_id: str, owner_id: int) -> UploadFile:
    """A file of the user's; raises UploadError 404 alike for strangers' files and for none at all."""
    row = (
        UploadFile.objects.select_related("session").filter(pk=upload_id, session__owner_id=owner_id).first()
    )
    if row is None:
        raise not_found()
    return row


def owner_of(session: UploadSession) -> Owner:
    return Owner(session.owner_id, session.username)


def advance(session: UploadSession) -> UploadSession:
    """Start what comes next if everything for it is there; harmless at any time and from several sides at once."""
    session = UploadSession.objects.get(pk=session.pk)
    if session.status == Status.UPLOADING and is_complete(session):
        _check(session)
    elif session.status == Status.CHECKING and not session.check_job:
        _submit_check(session)
    elif session.status == Status.READY and session.options.get("auto_import", True):
        start_import(session)
    elif session.status == Status.IMPORTING and not session.import_job:
        _submit_import(session)
    elif session.status in (Status.CHECKING, Status.IMPORTING):
        _follow_job(session)
    else:
        return session
    return UploadSession.objects.get(pk=session.pk)


def arrived(session: UploadSession) -> None:
    """Go on with an upload of which a file is through, if that was the last one."""
    if not session.files.filter(state=FileState.PENDING).exists():
        advance(session)


def _follow_job(session: UploadSession) -> None:
    """End an upload whose job has ended without bringing it on."""
    job_id = session.check_job if session.status == Status.CHECKING else session.import_job
    job = Job.objects.filter(pk=job_id).first()
    if job is not None and job.state == JobState.CANCELLED:
        if move(session, Status.CANCELLED, (Status(session.status),)):
            tidy(session)
    elif job is None or job.state == JobState.FAILED:
        text = "The job of this upload is gone." if job is None else job.error
        if job is not None and job.reference:
            text = f"{text} (reference {job.reference})"
        if move(session, Status.ERROR, (Status(session.status),), error=text):
            tidy(session)


def is_complete(session: UploadSession) -> bool:
    """Whether every announced file is there or left out, and none will be announced any more."""
    if session.options.get("open", False):
        return False
    if session.files.filter(state=FileState.PENDING).exists():
        return False
    return bool(session.files.exists())


def _check(session: UploadSession) -> None:
    if move(session, Status.CHECKING, (Status.UPLOADING,), check_job=""):
        _submit_check(session)


def recheck(session: UploadSession) -> None:
    """Look at the files again, after some were taken out."""
    options = {**session.options, "round": session.options.get("round", 0) + 1}
    if move(session, Status.CHECKING, (Status.AWAITING, Status.READY), check_job="", options=options):
        _submit_check(UploadSession.objects.get(pk=session.pk))


def _submit_check(session: UploadSession) -> None:
    job = service.submit(
        CHECK_KIND, owner_of(session), {"session_id": session.id}, group_id=session.group_id,
        total=1, idempotency_key=session.round_key,
    )  # fmt: skip
    UploadSession.objects.filter(pk=session.pk).update(check_job=job.id)


def start_import(session: UploadSession) -> bool:
    """Begin the import of an upload that is ready; False when it was begun already."""
    if not move(session, Status.IMPORTING, (Status.READY,), import_job=""):
        return False
    _submit_import(session)
    return True


def _submit_import(session: UploadSession) -> None:
    job = service.submit(
        IMPORT_KIND, owner_of(session), {"session_id": session.id}, group_id=session.group_id,
        total=session.sets.exclude(state=SetState.SKIPPED).count(), idempotency_key=session.round_key,
    )  # fmt: skip
    UploadSession.objects.filter(pk=session.pk).update(import_job=job.id)


def confirm(session: UploadSession) -> UploadSession:
    """Go on with an upload that waits for its owner's decision."""
    if move(session, Status.READY, (Status.AWAITING,)):
        start_import(session)
    return UploadSession.objects.get(pk=session.pk)


def move(session: UploadSession, to: Status, before: Sequence[Status], **values: Any) -> bool:
    """Change the status if it is still one of `before`; exactly one of several callers gets True."""
    ended = {"finished_at": timezone.now()} if to in ENDED else {}
    moved = UploadSession.objects.filter(pk=session.pk, status__in=before).update(
        status=to, touched_at=timezone.now(), **ended, **values
    )
    if moved and to in ENDED:
        metrics.SESSIONS.labels(str(to)).inc()
    return bool(moved)


def cancel(session: UploadSession) -> UploadSession:
    """End an upload at any stage; what is in OMERO already stays. Raises UploadError 409 when it has ended."""
    open_states = [status for status in Status if status not in ENDED]
    if not move(session, Status.CANCELLED, open_states):
        raise UploadError("This upload has ended already.", status=409, reason="closed")
    audit.record(owner_of(session), "upload.cancel", "cancelled", target={"upload": session.id})
    session = UploadSession.objects.get(pk=session.pk)
    stop_jobs(session)
    tidy(session)
    return session


def stop_jobs(session: UploadSession) -> None:
    """Cancel what works on an upload; the newest may run already although its id is not written to the upload yet."""
    open_jobs = jobs_of(session, *WORKING_KINDS).filter(state__in=UNFINISHED, cancel_requested=False)
    for job in open_jobs:
        with suppress(JobStateError):  # it has just ended by itself
            service.cancel(job, owner_of(session))


def jobs_of(session: UploadSession, *kinds: str) -> QuerySet[Job]:
    """The jobs of those kinds that work on an upload."""
    return Job.objects.filter(owner_id=session.owner_id, kind__in=kinds, parameters__session_id=session.id)


def is_worked_on(session: UploadSession) -> bool:
    """Whether a job that reads the upload's files has not ended."""
    return jobs_of(session, *WORKING_KINDS).filter(state__in=UNFINISHED).exists()


def tidy(session: UploadSession) -> None:
    """Have the worker find out what an interrupted import left in OMERO, and remove what is only half there.

    With too many jobs of its owner, `push_on` asks for it once some have ended.
    """
    with suppress(JobLimitError):
        service.submit(TIDY_KIND, owner_of(session), {"session_id": session.id}, group_id=session.group_id)


def tidied_since(session: UploadSession, when: datetime) -> bool:
    """Whether tidying up is under way, or came to an end after that time, a bad one included."""
    recent = Q(state__in=UNFINISHED) | Q(finished_at__gt=when)
    return jobs_of(session, TIDY_KIND).filter(recent).exists()


def retry(session: UploadSession) -> UploadSession:
    """Import again what failed, and only that; raises UploadError 409 when nothing failed or files are gone."""
    with transaction.atomic(using=ALIAS):
        row = UploadSession.objects.select_for_update().get(pk=session.pk)
        if row.status != Status.ERROR:
            raise UploadError("Only uploads with failures can be tried again.", status=409)
        if row.options.get("pruned"):
            raise UploadError("The files of this upload are removed already. Send them again.", status=410)
        if row.files.filter(state=FileState.PENDING).exists() or not row.sets.exists():
            row.status, row.check_job, row.import_job = Status.UPLOADING, "", ""
        else:
            again = row.sets.filter(
                Q(state=SetState.FAILED) | Q(state=SetState.PENDING) | Q(state=SetState.IMPORTING)
            )
            if not again.exists():
                raise UploadError("Nothing of this upload failed.", status=409)
            row.files.filter(file_set__in=again).update(state=FileState.UPLOADED, reason="")
            again.filter(state=SetState.FAILED).update(state=SetState.PENDING, failure="")
            row.status, row.import_job = Status.READY, ""
        # What comes new has spectra of its own.
        row.follow_up_job = ""
        row.finished_at, row.error, row.touched_at = None, "", timezone.now()
        row.options["round"] = row.options.get("round", 0) + 1
        row.save(
            update_fields=[
                "options",
                "status",
                "check_job",
                "import_job",
                "follow_up_job",
                "finished_at",
                "error",
                "touched_at",
            ]
        )
    if row.status == Status.READY:
        start_import(row)
    return advance(row)
