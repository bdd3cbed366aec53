"""The Celery application that carries the plugins' jobs: `celery -A omero_plugin_common.celery:app worker …`.

Messages are only wake-ups: what is to be done, and for whom, stands in the plugin database.
"""

from __future__ import annotations

import logging
import mmap
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omeroweb.settings")

from billiard import current_process  # type: ignore[import-untyped]
from celery import Celery, bootsteps, signals
from kombu import Queue

from omero_plugin_common.config import job_settings
from omero_plugin_common.jobs.wake import RUN_JOBS_TASK

_settings = job_settings()

# OMERO.web's debug mode would log every statement of every step.
logging.getLogger("django.db.backends").setLevel(logging.INFO)

# Written by the worker's main process, read by its children, which were forked from it.
_stopping = mmap.mmap(-1, 1)

SHORT_TIMEOUT_SECONDS = 3

app = Celery("omero_plugin_common", broker=_settings.broker_url, backend=_settings.result_url)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_ignore_result=True,
    task_default_queue=_settings.queues[0],
    task_create_missing_queues=True,
    task_queues=[Queue(name) for name in _settings.queues],
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_send_task_events=False,
    broker_connection_retry=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 2 * _settings.time_limit_seconds,
        "socket_connect_timeout": SHORT_TIMEOUT_SECONDS,
        "socket_timeout": 30,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    result_expires=_settings.result_expires_seconds,
    redis_socket_connect_timeout=SHORT_TIMEOUT_SECONDS,
    timezone="UTC",
)


@app.task(name=RUN_JOBS_TASK, ignore_result=True)  # type: ignore[untyped-decorator]
def run_jobs(queue: str) -> int:
    """Take turns on the queue's jobs; returns how many."""
    from omero_plugin_common.jobs.drain import drain  # noqa: PLC0415 - needs Django's apps to be loaded

    return drain(queue, lambda: _stopping[0] != 0, may_exit=current_process().name != "MainProcess")


class SweepStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """Sweeps at once when the worker starts or reconnects, and every few seconds after that."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **_options: Any) -> None:
        super().__init__(parent)
        self._entry: Any = None
        self._sweeper: Any = None

    def start(self, parent: Any) -> None:
        from omero_plugin_common.jobs.sweep import Sweeper  # noqa: PLC0415 - needs Django's apps to be loaded

        if self._sweeper is None:
            self._sweeper = Sweeper(_settings.queues)
        self._sweeper()
        self._entry = parent.timer.call_repeatedly(_settings.sweep_seconds, self._sweeper)

    def stop(self, _parent: Any) -> None:
        if self._entry is not None:
            self._entry.cancel()
            self._entry = None


app.steps["consumer"].add(SweepStep)


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _tell_children(**_facts: Any) -> None:
    _stopping[0] = 1
