"""A thread beside each running job: keeps the lease, sees cancelling, and stops steps that don't look themselves."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Self

from django.db import DatabaseError, connections

from omero_plugin_common.config import job_settings
from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.jobs.errors import (
    JobCancelledError,
    JobInterruptedError,
    JobOverdueError,
    LeaseLostError,
)
from omero_plugin_common.jobs.leases import Lease, cancel_was_requested, renew

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from omero_plugin_common.jobs.context import Interruption

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.25
# Cancelling has two seconds in all: up to POLL_SECONDS to be seen, then the step may stop by itself, then it is
# interrupted, and at last the process ends; the rest is for a machine that is busy.
GRACE_SECONDS = 0.4
HARD_STOP_SECONDS = 1.1
INTERRUPT_SIGNAL = signal.SIGUSR2


class Watcher:
    """Watches one job while the `with` block runs in the calling thread.

    With `settling` the block only ends what a cancelled job left running, for which it gets the time it needs.
    """

    def __init__(
        self,
        lease: Lease,
        interruption: Interruption,
        *,
        time_left_seconds: float,
        settling: bool = False,
        hard_stop: Callable[[JobInterruptedError], None] | None = None,
    ) -> None:
        self._lease = lease
        self._interruption = interruption
        self._deadline = time.monotonic() + time_left_seconds
        self._settling = settling
        self._hard_stop = hard_stop
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"job-{lease.job_id[:8]}", daemon=True)
        self._main = threading.get_ident()
        self._interruptible = threading.current_thread() is threading.main_thread()
        self._previous: object = None
        self._guard = threading.Lock()

    def __enter__(self) -> Self:
        if self._interruptible:
            self._previous = signal.signal(INTERRUPT_SIGNAL, self._interrupt)
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._over.set()
        self._thread.join()
        if self._interruptible:
            signal.signal(INTERRUPT_SIGNAL, self._previous or signal.SIG_DFL)  # type: ignore[arg-type]

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self._interruption.error is not None and not self._over.is_set():
            raise self._interruption.error

    def _watch(self) -> None:
        try:
            error = self._wait_for_reason()
            if error is not None:
                self._interruption.set(error)
                self._stop_stubborn_step(error)
        finally:
            connections[ALIAS].close()

    def _wait_for_reason(self) -> JobInterruptedError | None:
        lease_seconds = job_settings().lease_seconds
        renewed = time.monotonic()
        while not self._over.wait(POLL_SECONDS):
            now = time.monotonic()
            if now > self._deadline:
                return JobOverdueError("The job took longer than its kind may.")
            try:
                if now - renewed > lease_seconds / 3:
                    cancelled = renew(self._lease)
                    renewed = now
                else:
                    cancelled = cancel_was_requested(self._lease)
            except LeaseLostError as error:
                return error
            except DatabaseError:
                connections[ALIAS].close()
                if now - renewed > lease_seconds:
                    return LeaseLostError("The plugin database was silent for longer than the lease.")
                continue
            if cancelled and not self._settling:
                return JobCancelledError("The job was cancelled.")
        return None

    def _stop_stubborn_step(self, error: JobInterruptedError) -> None:
        if self._over.wait(GRACE_SECONDS):
            return
        with self._interruption.shield:
            pass  # what the step does under it is over, and it can't be taken again: the error is set
        with self._guard:
            if self._interruptible and not self._over.is_set():
                signal.pthread_kill(self._main, INTERRUPT_SIGNAL)
        if self._over.wait(HARD_STOP_SECONDS - GRACE_SECONDS) or self._hard_stop is None:
            return
        logger.error("job_hard_stop job=%s pid=%s reason=%s", self._lease.job_id, os.getpid(), error)
        self._hard_stop(error)
