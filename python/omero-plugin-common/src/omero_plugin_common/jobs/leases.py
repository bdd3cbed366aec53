"""Who works on which job: fair claims, leases, and taking jobs back from dead workers.

All of it is plain SQL on one table, so that several workers agree without talking to each other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import connections, transaction
from django.utils import timezone

from omero_plugin_common.config import job_settings
from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.jobs.errors import LeaseLostError
from omero_plugin_common.jobs.kinds import known_kinds, leaves_something_running
from omero_plugin_common.jobs.worker_id import is_dead, this_process
from omero_plugin_common.models import Job

if TYPE_CHECKING:
    from collections.abc import Iterable

CLAIM_LOCK = 0x0E06

# The user with the fewest running jobs is next; among equals, the one who waited longest; then the oldest job.
PICK = """
WITH open AS (
    SELECT id, owner_id, kind, state, created_at, run_after FROM plugin_jobs
    WHERE queue = %(queue)s AND state IN ('queued', 'running')
), load AS (
    SELECT owner_id, count(*) FILTER (WHERE state = 'running') AS running FROM open GROUP BY owner_id
), busy AS (
    SELECT kind, count(*) AS running FROM plugin_jobs WHERE state = 'running' GROUP BY kind
)
SELECT open.id, open.owner_id FROM open
JOIN load USING (owner_id)
LEFT JOIN busy USING (kind)
LEFT JOIN plugin_job_turns turn ON turn.owner_id = open.owner_id AND turn.queue = %(queue)s
WHERE open.state = 'queued' AND open.run_after <= now() AND open.kind = ANY(%(kinds)s)
  AND (NOT open.kind = ANY(%(limited)s) OR coalesce(busy.running, 0) < (%(limits)s::jsonb ->> open.kind)::int)
ORDER BY load.running, turn.last_turn NULLS FIRST, open.created_at, open.id
LIMIT 1
"""

TAKE = """
UPDATE plugin_jobs SET state = 'running', lease_token = %(token)s, leased_by = %(worker)s,
    lease_until = now() + make_interval(secs => %(seconds)s), claims = claims + 1,
    started_at = coalesce(started_at, now())
WHERE id = %(id)s AND state = 'queued'
"""

TURN = """
INSERT INTO plugin_job_turns (queue, owner_id, last_turn) VALUES (%(queue)s, %(owner)s, clock_timestamp())
ON CONFLICT (queue, owner_id) DO UPDATE SET last_turn = excluded.last_turn
"""

# One look between two steps: is the job still mine, was it cancelled, does another user wait with nothing running,
# and has the next job of such a user never run yet?
LOOK = """
SELECT job.lease_token = %(token)s AND job.state = 'running', job.cancel_requested, waiting.count, waiting.fresh
FROM plugin_jobs job, LATERAL (
    SELECT count(*) AS count, coalesce(bool_or(oldest.started_at IS NULL), false) AS fresh FROM (
        SELECT DISTINCT ON (other.owner_id) other.owner_id, other.started_at FROM plugin_jobs other
        WHERE other.queue = job.queue AND other.state = 'queued' AND other.run_after <= now()
          AND other.owner_id <> job.owner_id AND other.kind = ANY(%(kinds)s)
          AND NOT EXISTS (SELECT 1 FROM plugin_jobs mine WHERE mine.queue = job.queue
                          AND mine.state = 'running' AND mine.owner_id = other.owner_id)
        ORDER BY other.owner_id, other.created_at, other.id
    ) oldest
) waiting WHERE job.id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one process to work on one job until somebody else takes it."""

    job_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Look:
    """What a worker sees between two steps."""

    cancel_requested: bool
    others_waiting: bool
    newcomer_waiting: bool


def claim(queue: str) -> tuple[Job, Lease] | None:
    """Take the next job of a queue, fairly among users; None when there is nothing to do."""
    kinds = known_kinds()
    limits = {name: kind.max_running for name, kind in kinds.items() if kind.max_running is not None}
    token = uuid4().hex
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [CLAIM_LOCK, queue])
        cursor.execute(
            PICK,
            {"queue": queue, "kinds": list(kinds), "limited": list(limits), "limits": json.dumps(limits)},
        )
        found = cursor.fetchone()
        if found is None:
            return None
        job_id, owner_id = found
        seconds = job_settings().lease_seconds
        cursor.execute(TAKE, {"token": token, "worker": this_process(), "seconds": seconds, "id": job_id})
        cursor.execute(TURN, {"queue": queue, "owner": owner_id})
        job = Job.objects.get(pk=job_id)
    return job, Lease(job_id, token)


def look(lease: Lease) -> Look:
    """Look around between two steps; raises LeaseLostError when the job is no longer this process's."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(LOOK, {"token": lease.token, "id": lease.job_id, "kinds": list(known_kinds())})
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise LeaseLostError(f"Job {lease.job_id} was taken over by another worker.")
    return Look(cancel_requested=row[1], others_waiting=row[2] > 0, newcomer_waiting=row[3])


def renew(lease: Lease) -> bool:
    """Extend a lease; returns whether cancelling was requested, raises LeaseLostError."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "UPDATE plugin_jobs SET lease_until = now() + make_interval(secs => %s) "
            "WHERE id = %s AND lease_token = %s AND state = 'running' RETURNING cancel_requested",
            [job_settings().lease_seconds, lease.job_id, lease.token],
        )
        row = cursor.fetchone()
    if row is None:
        raise LeaseLostError(f"Job {lease.job_id} was taken over by another worker.")
    return bool(row[0])


def cancel_was_requested(lease: Lease) -> bool:
    """Read the cancel flag without writing; raises LeaseLostError."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT cancel_requested FROM plugin_jobs WHERE id = %s AND lease_token = %s AND state = 'running'",
            [lease.job_id, lease.token],
        )
        row = cursor.fetchone()
    if row is None:
        raise LeaseLostError(f"Job {lease.job_id} was taken over by another worker.")
    return bool(row[0])


def update_leased(lease: Lease, **values: object) -> None:
    """Change the job's row if it is still this process's; raises LeaseLostError, leaving the row alone."""
    changed = Job.objects.filter(pk=lease.job_id, lease_token=lease.token, state="running").update(**values)
    if not changed:
        raise LeaseLostError(f"Job {lease.job_id} was taken over by another worker.")


def take_back(job_ids: Iterable[str]) -> int:
    """Return jobs of dead workers to the queue (cancelled ones end, hopeless ones fail); returns how many."""
    kinds = known_kinds()
    moved = 0
    for job_id in job_ids:
        with transaction.atomic(using=ALIAS):
            job = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id, state="running").first()
            if job is None or not _is_orphan(job):
                continue
            kind = kinds.get(job.kind)
            job.crashes += 1
            job.lease_token, job.leased_by, job.lease_until = "", "", None
            _settle_orphan(job, kind.max_crashes if kind else 5)
            job.save()
            moved += 1
    return moved


def orphans() -> list[str]:
    """Return the ids of running jobs whose worker is dead or silent."""
    running = Job.objects.filter(state="running").only("id", "leased_by", "lease_until")
    return [job.id for job in running if _is_orphan(job)]


def give_back(lease: Lease) -> None:
    """Return a job to the queue after this process lost touch with the database; no crash is counted."""
    Job.objects.filter(pk=lease.job_id, lease_token=lease.token, state="running").update(
        state="queued", lease_token="", leased_by="", lease_until=None
    )


def _is_orphan(job: Job) -> bool:
    return job.lease_until is None or job.lease_until < timezone.now() or is_dead(job.leased_by)


def _settle_orphan(job: Job, max_crashes: int) -> None:
    if job.cancel_requested and not leaves_something_running(job):
        job.state, job.finished_at = "cancelled", timezone.now()
    elif job.crashes > max_crashes:
        job.state, job.finished_at = "failed", timezone.now()
        job.error = f"The worker ended {job.crashes} times in a row at the same step of this job."
    else:
        job.state = "queued"
