"""What people do with jobs: start, look, cancel, retry; each checked against who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from omero_plugin_common import audit
from omero_plugin_common.config import job_settings
from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.jobs.errors import JobLimitError, JobNotFoundError, JobStateError
from omero_plugin_common.jobs.kinds import JobKind, kind_named, known_kinds, leaves_something_running
from omero_plugin_common.jobs.progress import progress_of, publish
from omero_plugin_common.jobs.wake import wake
from omero_plugin_common.models import UNFINISHED, Job, JobState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from omero_plugin_common.database.owned import Owner


def submit(
    kind_name: str,
    owner: Owner,
    parameters: dict[str, Any],
    *,
    group_id: int | None = None,
    total: int = 0,
    idempotency_key: str | None = None,
) -> Job:
    """Queue a job and return its row.

    The same user sending the same kind with the same `idempotency_key` again gets the first job back. Raises
    UnknownKindError, pydantic's ValidationError for bad parameters, JobLimitError.
    """
    kind = kind_named(kind_name)
    if kind.parameters is not None:
        parameters = kind.parameters.model_validate(parameters).model_dump(mode="json")
    if idempotency_key is not None:
        known = Job.objects.filter(
            owner_id=owner.user_id, kind=kind.name, idempotency_key=idempotency_key
        ).first()
        if known is not None:
            return known
    _check_limit(kind, owner)
    job = Job(
        kind=kind.name,
        queue=kind.queue,
        owner_id=owner.user_id,
        username=owner.username,
        group_id=group_id,
        parameters=parameters,
        total=total,
        idempotency_key=idempotency_key,
    )
    try:
        with transaction.atomic(using=ALIAS):
            job.save(force_insert=True)
            if kind.destructive:
                audit.record(owner, kind.name, "requested", target=parameters, job_id=job.id)
    except IntegrityError:
        return Job.objects.get(owner_id=owner.user_id, kind=kind.name, idempotency_key=idempotency_key)
    publish(progress_of(job))
    wake(job.queue)
    return job


def _check_limit(kind: JobKind, owner: Owner) -> None:
    open_jobs = Job.objects.filter(owner_id=owner.user_id, state__in=UNFINISHED)
    limit = job_settings().per_user_limit
    if open_jobs.count() >= limit:
        raise JobLimitError(
            f"You have {limit} unfinished jobs, which is the most one user may have. Wait or cancel some."
        )
    if kind.per_user_limit is not None and open_jobs.filter(kind=kind.name).count() >= kind.per_user_limit:
        raise JobLimitError(
            f"You have {kind.per_user_limit} unfinished jobs of this kind ({kind.title}), which is the most allowed. "
            "Wait or cancel some."
        )


def visible_jobs(user_id: int, *, is_admin: bool) -> QuerySet[Job]:
    """Return the jobs a person may see: their own, or all of them for an administrator."""
    return Job.objects.all() if is_admin else Job.objects.filter(owner_id=user_id)


def find_job(job_id: str, user_id: int, *, is_admin: bool) -> Job:
    """Return a job the person may see; raises JobNotFoundError alike for strangers' jobs and for none at all."""
    job = visible_jobs(user_id, is_admin=is_admin).filter(pk=job_id).first()
    if job is None:
        raise JobNotFoundError("There is no such job, or it belongs to somebody else.")
    return job


def cancel(job: Job, actor: Owner) -> Job:
    """Ask for the end of a job: a waiting one is cancelled at once, a running one within two seconds.

    Raises JobStateError when it has ended already.
    """
    with transaction.atomic(using=ALIAS):
        row = Job.objects.select_for_update().get(pk=job.pk)
        if row.state not in UNFINISHED:
            raise JobStateError(f"This job has ended already ({JobState(row.state).label.lower()}).")
        row.cancel_requested = True
        if row.state == JobState.QUEUED and leaves_something_running(row):
            row.run_after = timezone.now()
        elif row.state == JobState.QUEUED:
            row.state = JobState.CANCELLED
            row.finished_at = timezone.now()
        row.save(update_fields=["cancel_requested", "state", "finished_at", "run_after"])
        if actor.user_id != row.owner_id or kind_is_destructive(row.kind):
            audit.record(
                actor, f"cancel {row.kind}", "requested", target={"owner": row.owner_id}, job_id=row.id
            )
    publish(progress_of(row))
    if row.state == JobState.QUEUED:
        wake(row.queue)
    return row


def retry(job: Job, actor: Owner) -> Job:
    """Queue a failed or cancelled job again; it continues from its last checkpoint.

    Raises JobStateError for jobs that are still open or done.
    """
    with transaction.atomic(using=ALIAS):
        row = Job.objects.select_for_update().get(pk=job.pk)
        if row.state not in (JobState.FAILED, JobState.CANCELLED):
            raise JobStateError("Only failed or cancelled jobs can be started again.")
        row.state = JobState.QUEUED
        row.cancel_requested = False
        row.error, row.reference, row.message = "", "", ""
        row.attempts, row.crashes, row.active_seconds = 0, 0, 0.0
        row.finished_at = None
        row.run_after = timezone.now()
        row.claims += 1
        row.save()
        if kind_is_destructive(row.kind):
            audit.record(
                actor, f"retry {row.kind}", "requested", target={"owner": row.owner_id}, job_id=row.id
            )
    publish(progress_of(row))
    wake(row.queue)
    return row


def kind_is_destructive(name: str) -> bool:
    kind = known_kinds().get(name)
    return kind is not None and kind.destructive
