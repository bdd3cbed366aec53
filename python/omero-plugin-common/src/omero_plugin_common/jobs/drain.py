"""What a worker process does when it is woken: take turns on jobs until there is nothing left."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from django.db import DatabaseError, connections

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.jobs.leases import Lease, claim, give_back
from omero_plugin_common.jobs.runner import TurnEnd, end_hard_stopped, run_turn
from omero_plugin_common.jobs.wake import wake

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_plugin_common.jobs.errors import JobInterruptedError
    from omero_plugin_common.models import Job

logger = logging.getLogger(__name__)

BUDGET_SECONDS = 600.0
DATABASE_PAUSE_SECONDS = 0.5
HARD_STOP_STATUS = 75


def drain(queue: str, stop: Callable[[], bool], *, may_exit: bool = False) -> int:
    """Work on the queue until it is empty, `stop` says so or the time budget is used; returns the turns taken.

    `may_exit` allows ending the whole process when a cancelled step can't be interrupted otherwise.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    turns = 0

    def enough() -> bool:
        return stop() or time.monotonic() > deadline

    while not enough():
        try:
            claimed = claim(queue)
        except DatabaseError:
            if not _wait_for_database(stop):
                return turns
            continue
        if claimed is None:
            return turns
        job, lease = claimed
        turns += 1
        end = run_turn(job, lease, stop=enough, hard_stop=_exit_process if may_exit else None)
        if end is TurnEnd.DATABASE_GONE:
            _return_job(lease, stop)
    if not stop():
        wake(queue)
    return turns


def _return_job(lease: Lease, stop: Callable[[], bool]) -> None:
    """Give the job back as soon as the database answers, so that nobody waits for the lease to run out."""
    while _wait_for_database(stop):
        try:
            give_back(lease)
        except DatabaseError:
            continue
        return


def _wait_for_database(stop: Callable[[], bool]) -> bool:
    """Return True when the database answers, False when the worker is to stop first."""
    connection = connections[ALIAS]
    while not stop():
        connection.close()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            time.sleep(DATABASE_PAUSE_SECONDS)
        else:
            return True
    return False


def _exit_process(job: Job, lease: Lease, error: JobInterruptedError) -> None:
    """End this process after writing the job's end; Celery starts a new one."""
    try:
        end_hard_stopped(job, lease, error)
    except (DatabaseError, OSError) as failure:
        logger.warning("job_end_not_written job=%s reason=%s", job.id, failure)
    finally:
        os._exit(HARD_STOP_STATUS)
