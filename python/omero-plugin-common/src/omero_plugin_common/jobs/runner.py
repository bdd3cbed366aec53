"""Running one turn of a job: step by step until it ends, is interrupted, or another user's turn comes."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from omero_plugin_common import audit
from omero_plugin_common.config import job_settings
from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.database.owned import Owner
from omero_plugin_common.health.problems import new_reference
from omero_plugin_common.jobs import metrics
from omero_plugin_common.jobs.context import JobContext
from omero_plugin_common.jobs.errors import (
    JobCancelledError,
    JobFailedError,
    JobInterruptedError,
    JobOverdueError,
    LeaseLostError,
)
from omero_plugin_common.jobs.kinds import JobKind, Step, Steps, kind_named, leaves_something_running
from omero_plugin_common.jobs.leases import Lease, give_back, look, update_leased
from omero_plugin_common.jobs.progress import Progress, progress_of, publish
from omero_plugin_common.jobs.transient import is_transient
from omero_plugin_common.jobs.watcher import Watcher
from omero_plugin_common.models import Job, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

TURN_SECONDS = 1.0
SAVE_SECONDS = 0.25
PUBLISH_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 600.0


class TurnEnd(Enum):
    """Why a turn ended."""

    FINISHED = "finished"
    YIELDED = "yielded"
    STOPPED = "stopped"
    LOST = "lost"
    DATABASE_GONE = "database gone"


@dataclass(slots=True)
class Turn:
    """One worker's stretch of work on one job."""

    job: Job
    lease: Lease
    kind: JobKind
    context: JobContext
    stop: Callable[[], bool]
    began: float = field(default_factory=time.monotonic)
    saved: float = field(default_factory=time.monotonic)
    published: float = 0.0
    pending: Step | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def run_turn(
    job: Job,
    lease: Lease,
    *,
    stop: Callable[[], bool],
    hard_stop: Callable[[Job, Lease, JobInterruptedError], None] | None = None,
) -> TurnEnd:
    """Work on a claimed job; every way out leaves the row in a state that others can go on from."""
    kind = kind_named(job.kind)
    context = _context_of(job, kind)
    turn = Turn(job, lease, kind, context, stop)
    limit = kind.time_limit_seconds or job_settings().time_limit_seconds
    publish(progress_of(job))
    try:
        with Watcher(
            lease,
            context.interruption,
            time_left_seconds=limit - job.active_seconds,
            settling=job.cancel_requested and kind.settles_cancel,
            hard_stop=None if hard_stop is None else lambda error: hard_stop(job, lease, error),
        ):
            return _work(turn)
    except LeaseLostError:
        return TurnEnd.LOST
    except JobInterruptedError as error:
        _forget_connection()
        return _settle(partial(end_interrupted, job, lease, error))
    except DatabaseError:
        logger.warning("job_database_gone job=%s", job.id, exc_info=True)
        _forget_connection()
        return TurnEnd.DATABASE_GONE
    except Exception as error:  # noqa: BLE001 - the edge between the engine and a plugin's code
        _forget_connection()
        return _settle(partial(_end_with_error, turn, error))


def _context_of(job: Job, kind: JobKind) -> JobContext:
    parameters = job.parameters if kind.parameters is None else kind.parameters.model_validate(job.parameters)
    return JobContext(
        job_id=job.id,
        owner=Owner(job.owner_id, job.username),
        group_id=job.group_id,
        parameters=parameters,
        done=job.done,
        total=job.total,
        checkpoint=job.checkpoint,
    )


def _work(turn: Turn) -> TurnEnd:
    steps = turn.kind.run(turn.context)
    try:
        while True:
            ended, result = _one_step(turn, steps)
            if ended:
                _end(turn.job, turn.lease, JobState.DONE, result=result, seconds=turn.seconds)
                return TurnEnd.FINISHED
            turn.context.check()
            around = look(turn.lease)
            if around.cancel_requested:
                raise JobCancelledError("The job was cancelled.")
            rested = turn.seconds >= TURN_SECONDS
            if around.newcomer_waiting or (around.others_waiting and rested):
                return _release(turn, TurnEnd.YIELDED)
            if turn.stop():
                return _release(turn, TurnEnd.STOPPED)
    finally:
        steps.close()


def _one_step(turn: Turn, steps: Steps) -> tuple[bool, dict[str, Any] | None]:
    """Do one step and save or show it when it is time; returns (ended, result)."""
    try:
        if turn.kind.transactional:
            with transaction.atomic(using=ALIAS):
                step = next(steps)
                _take_in(turn, step)
                _save(turn)
        else:
            step = next(steps)
            _take_in(turn, step)
            if time.monotonic() - turn.saved >= SAVE_SECONDS:
                _save(turn)
    except StopIteration as end:
        return True, end.value
    if time.monotonic() - turn.published >= PUBLISH_SECONDS:
        publish(progress_of(turn.job))
        turn.published = time.monotonic()
    return False, None


def _take_in(turn: Turn, step: Step) -> None:
    job = turn.job
    job.done = step.done
    job.total = max(step.total if step.total is not None else job.total, step.done)
    job.message = step.message if step.message is not None else job.message
    job.checkpoint = step.checkpoint if step.checkpoint is not None else job.checkpoint
    turn.pending = step


def _save(turn: Turn) -> None:
    if turn.pending is None:
        return
    job = turn.job
    update_leased(
        turn.lease,
        done=job.done,
        total=job.total,
        message=job.message,
        checkpoint=job.checkpoint,
        crashes=0,
        active_seconds=job.active_seconds + turn.seconds,
    )
    turn.pending = None
    turn.saved = time.monotonic()


def _release(turn: Turn, end: TurnEnd) -> TurnEnd:
    """Put the job back into the queue at its checkpoint."""
    _save(turn)
    give_back(turn.lease)
    turn.job.state = JobState.QUEUED
    publish(progress_of(turn.job))
    return end


def _settle(settle: Callable[[], None]) -> TurnEnd:
    try:
        settle()
    except LeaseLostError:
        return TurnEnd.LOST
    except DatabaseError:
        _forget_connection()
        return TurnEnd.DATABASE_GONE
    return TurnEnd.FINISHED


def end_interrupted(job: Job, lease: Lease, error: JobInterruptedError) -> None:
    """Write the end of a job that was cancelled or took too long."""
    if isinstance(error, JobOverdueError):
        _end(job, lease, JobState.FAILED, error=str(error), reference=new_reference())
    else:
        _end(job, lease, JobState.CANCELLED)


def end_hard_stopped(job: Job, lease: Lease, error: JobInterruptedError) -> None:
    """Write the end of a job whose process ends before its code does; what it left running another worker ends.

    A job whose lease is lost, or was silent for too long, has not ended: another worker goes on with it.
    """
    if isinstance(error, LeaseLostError):
        return
    if not (isinstance(error, JobCancelledError) and leaves_something_running(job)):
        end_interrupted(job, lease, error)
        return
    update_leased(lease, done=job.done, total=job.total, checkpoint=job.checkpoint)
    give_back(lease)
    job.state = JobState.QUEUED
    publish(progress_of(job))


def _end_with_error(turn: Turn, error: Exception) -> None:
    job = turn.job
    if isinstance(error, JobFailedError):
        _end(job, turn.lease, JobState.FAILED, error=str(error), seconds=turn.seconds)
        return
    if is_transient(error) and job.attempts + 1 < turn.kind.max_attempts:
        _try_later(turn, error)
        return
    reference = new_reference()
    logger.error("job_failed job=%s kind=%s reference=%s", job.id, job.kind, reference, exc_info=error)
    message = str(error) if is_transient(error) else "Something unexpected went wrong."
    _end(job, turn.lease, JobState.FAILED, error=message, reference=reference, seconds=turn.seconds)


def _try_later(turn: Turn, error: Exception) -> None:
    job = turn.job
    pause = pause_seconds(job.attempts)
    logger.warning(
        "job_retry job=%s attempt=%s pause_seconds=%.1f reason=%s", job.id, job.attempts, pause, error
    )
    _save(turn)
    update_leased(
        turn.lease,
        state=JobState.QUEUED,
        attempts=job.attempts + 1,
        run_after=timezone.now() + timedelta(seconds=pause),
        message=str(error),
        lease_token="",
        leased_by="",
        lease_until=None,
    )
    metrics.retried(job.kind)
    job.state, job.message = JobState.QUEUED, str(error)
    publish(progress_of(job))


def pause_seconds(attempts: int) -> float:
    """Return how long to wait before the next attempt: doubling, capped, spread by up to a quarter."""
    pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**attempts)
    return pause * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, guards nothing


def _end(
    job: Job,
    lease: Lease,
    state: JobState,
    *,
    result: dict[str, Any] | None = None,
    error: str = "",
    reference: str = "",
    seconds: float = 0.0,
) -> None:
    """Write the final state, with whatever was not saved yet, and show it."""
    now = timezone.now()
    with transaction.atomic(using=ALIAS):
        update_leased(
            lease,
            state=state,
            done=job.done,
            total=job.total,
            message=job.message,
            checkpoint=job.checkpoint,
            result=result,
            error=error,
            reference=reference,
            finished_at=now,
            active_seconds=job.active_seconds + seconds,
            lease_token="",
            leased_by="",
            lease_until=None,
        )
        if kind_named(job.kind).destructive:
            owner = Owner(job.owner_id, job.username)
            target = {"done": job.done, "total": job.total}
            audit.record(owner, job.kind, str(state), target=target, job_id=job.id, reference=reference)
    job.state, job.result, job.error, job.reference, job.finished_at = state, result, error, reference, now
    metrics.ended(job.kind, str(state), (now - job.created_at).total_seconds())
    publish(ended_progress(job))


def ended_progress(job: Job) -> Progress:
    """Return the last picture of a job: a cancelled one no longer says that it is being cancelled."""
    return replace(progress_of(job), cancel_requested=job.state == JobState.CANCELLED)


def _forget_connection() -> None:
    """Drop a connection that an interruption may have left in the middle of something."""
    connections[ALIAS].close()
