"""What keeps jobs from being lost or forgotten; run by every worker every few seconds."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, connections
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from omero_plugin_common.config import job_settings
from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.health.problems import new_reference
from omero_plugin_common.jobs import metrics
from omero_plugin_common.jobs.leases import orphans, take_back
from omero_plugin_common.jobs.progress import forget, progress_of, publish, read
from omero_plugin_common.jobs.wake import wake
from omero_plugin_common.models import FINISHED, AuditEntry, Job, JobTurn

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

MOST_WAKES = 8
PRUNE_EVERY_SECONDS = 3600.0
FILES_KEPT = timedelta(hours=2)
AUDIT_KEPT = timedelta(days=365 * 2)
RECENTLY = timedelta(minutes=2)


@dataclass(slots=True)
class Chore:
    """Something a plugin wants done now and then by every worker; short, and harmless when done twice at once."""

    run: Callable[[], None]
    every_seconds: Callable[[], float]
    done: float = field(default=float("-inf"))


_chores: dict[str, Chore] = {}


def chore(every_seconds: Callable[[], float]) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function as a chore; `every_seconds` is asked each time, so it may come from settings."""

    def register(run: Callable[[], None]) -> Callable[[], None]:
        _chores[f"{run.__module__}.{run.__qualname__}"] = Chore(run, every_seconds)
        return run

    return register


@dataclass(slots=True)
class Sweeper:
    """One worker's housekeeping; knows when it last pruned."""

    queues: tuple[str, ...]
    pruned: float = field(default=float("-inf"))

    def __call__(self) -> None:
        """Sweep once; an unreachable database or broker is left for the next time."""
        try:
            moved = take_back(orphans())
            if moved:
                metrics.taken_back(moved)
                logger.warning("jobs_taken_back count=%s", moved)
            refresh_progress()
            for queue in self.queues:
                wake_enough(queue)
            if time.monotonic() - self.pruned > PRUNE_EVERY_SECONDS:
                prune()
                self.pruned = time.monotonic()
            do_chores()
        except DatabaseError as error:
            logger.warning("sweep_skipped reason=%s", error)
        finally:
            # The main process forks workers; they must not inherit an open connection.
            connections[ALIAS].close()


def do_chores() -> None:
    """Do what is due; a plugin's fault stops neither the others' chores nor the sweep."""
    for name, due in _chores.items():
        if time.monotonic() - due.done < due.every_seconds():
            continue
        due.done = time.monotonic()
        try:
            due.run()
        except DatabaseError:
            raise
        except Exception:  # the edge between the sweep and plugins
            logger.exception("chore_failed chore=%s reference=%s", name, new_reference())


def wake_enough(queue: str) -> None:
    """Send wake-ups when jobs wait and too few messages do."""
    waiting = Job.objects.filter(queue=queue, state="queued", run_after__lte=timezone.now())[
        :MOST_WAKES
    ].count()
    if not waiting:
        return
    missing = min(waiting, MOST_WAKES) - queue_length(queue)
    for _ in range(missing):
        if not wake(queue):
            return


def queue_length(queue: str) -> int:
    """Return how many messages wait in the broker; a broker that can't tell counts as full."""
    from omero_plugin_common.celery import app  # noqa: PLC0415 - the worker's module imports this one

    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            return int(connection.default_channel.client.llen(queue))
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("queue_length_unknown queue=%s reason=%s", queue, error)
        return MOST_WAKES


def refresh_progress() -> None:
    """Show the end of jobs whose worker died between writing the row and the file."""
    for job in Job.objects.filter(finished_at__gte=timezone.now() - RECENTLY):
        shown = read(job.id)
        if shown is not None and shown.state != job.state:
            publish(progress_of(job))


def prune() -> int:
    """Delete jobs and audit entries past their age, and progress files that nobody polls any more."""
    now = timezone.now()
    ended = Job.objects.filter(state__in=FINISHED)
    for job_id in ended.filter(finished_at__lt=now - FILES_KEPT).values_list("id", flat=True).iterator():
        forget(job_id)
    count, _ = ended.filter(finished_at__lt=now - timedelta(days=job_settings().keep_days)).delete()
    JobTurn.objects.filter(last_turn__lt=now - timedelta(days=job_settings().keep_days)).delete()
    AuditEntry.objects.filter(at__lt=now - AUDIT_KEPT).delete()
    return int(count)
