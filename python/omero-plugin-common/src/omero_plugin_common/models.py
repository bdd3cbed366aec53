"""Tables of the shared library: jobs, turns, audit trail, rate limiter's epoch."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone


def new_job_id() -> str:
    """Return 32 hexadecimal digits."""
    return uuid4().hex


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
FINISHED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Job(models.Model):
    """One piece of work of one user; the row is the truth, everything else can be rebuilt from it."""

    id = models.CharField(primary_key=True, max_length=32, default=new_job_id)
    kind = models.TextField()
    queue = models.TextField(default="default")
    owner_id = models.BigIntegerField()
    username = models.TextField()
    group_id = models.BigIntegerField(null=True)
    state = models.TextField(choices=JobState.choices, default=JobState.QUEUED)
    parameters = models.JSONField(default=dict)
    checkpoint = models.JSONField(default=dict)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    message = models.TextField(default="")
    result = models.JSONField(null=True)
    error = models.TextField(default="")
    reference = models.TextField(default="")
    idempotency_key = models.TextField(null=True)  # noqa: DJ001 - no key is not the same as an empty key
    cancel_requested = models.BooleanField(default=False)
    attempts = models.IntegerField(default=0)
    crashes = models.IntegerField(default=0)
    claims = models.BigIntegerField(default=0)
    active_seconds = models.FloatField(default=0.0)
    lease_token = models.TextField(default="")
    leased_by = models.TextField(default="")
    lease_until = models.DateTimeField(null=True)
    run_after = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Job]] = models.Manager()

    class Meta:
        db_table = "plugin_jobs"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner_id", "kind", "idempotency_key"],
                name="plugin_jobs_once_uq",
                condition=Q(idempotency_key__isnull=False),
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["queue", "owner_id", "created_at"],
                name="plugin_jobs_open_ix",
                condition=Q(state__in=["queued", "running"]),
            ),
            models.Index(fields=["owner_id", "-created_at"], name="plugin_jobs_owner_ix"),
            models.Index(
                fields=["finished_at"], name="plugin_jobs_finished_ix", condition=Q(finished_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"


class JobTurn(models.Model):
    """When a user was last served on a queue; whoever waited longest is next."""

    queue = models.TextField()
    owner_id = models.BigIntegerField()
    last_turn = models.DateTimeField()

    objects: ClassVar[models.Manager[JobTurn]] = models.Manager()

    class Meta:
        db_table = "plugin_job_turns"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["queue", "owner_id"], name="plugin_job_turns_uq")
        ]

    def __str__(self) -> str:
        return f"user {self.owner_id} on {self.queue}: {self.last_turn}"


class AuditEntry(models.Model):
    """Who did something that can't be taken back, to what, and how it ended."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_id = models.BigIntegerField()
    actor_name = models.TextField()
    action = models.TextField()
    target = models.JSONField(default=dict)
    outcome = models.TextField()
    job_id = models.CharField(max_length=32, default="", blank=True, db_index=True)
    reference = models.TextField(default="", blank=True)

    objects: ClassVar[models.Manager[AuditEntry]] = models.Manager()

    class Meta:
        db_table = "plugin_audit"

    def __str__(self) -> str:
        return f"{self.at} {self.actor_name} {self.action}: {self.outcome}"


class RateEpoch(models.Model):
    """Which Redis process counts actions, and until when it may have granted some.

    Redis forgets on restart; this row lets the limiter know that it did.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    redis_run_id = models.TextField()
    granted_until = models.DateTimeField()
    accept_after = models.DateTimeField()

    objects: ClassVar[models.Manager[RateEpoch]] = models.Manager()

    class Meta:
        db_table = "plugin_rate_epoch"

    def __str__(self) -> str:
        return f"Redis {self.redis_run_id}"
