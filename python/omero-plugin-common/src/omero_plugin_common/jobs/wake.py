"""Telling workers that a queue has work; losing such a message only costs time, never a job."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

RUN_JOBS_TASK = "omero_plugin_common.run_jobs"


def wake(queue: str) -> bool:
    """Send one wake-up; returns False when the broker can't be reached (the worker's sweep makes up for it)."""
    from omero_plugin_common.celery import app  # noqa: PLC0415 - the worker's module imports this one

    try:
        app.send_task(RUN_JOBS_TASK, args=[queue], queue=queue, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("job_wake_failed queue=%s reason=%s", queue, error)
        return False
    return True
