"""Threads that compress while the caller reads, with a bound on the work that waits."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self


class Crew:
    """Runs jobs on `workers` threads; `submit` blocks while too many wait, and raises what a job raised.

    Leaving the context drops jobs that have not begun and waits for those that have.
    """

    def __init__(self, workers: int, watch: Callable[[], None]) -> None:
        """`watch` is called while waiting and may raise, for example to cancel."""
        self._watch = watch
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="ims-writer")
        self._capacity = 3 * workers + 1
        self._room = threading.Semaphore(self._capacity)
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, job: Callable[[], None]) -> None:
        """Hand over one job as soon as there is room for it."""
        self._wait_for_room()
        self._pool.submit(self._run, job)

    def drain(self) -> None:
        """Wait until every job is done."""
        for _ in range(self._capacity):
            self._wait_for_room()
        for _ in range(self._capacity):
            self._room.release()
        self._raise_failure()

    def _wait_for_room(self) -> None:
        while True:
            self._watch()
            self._raise_failure()
            if self._room.acquire(timeout=0.1):
                return

    def _run(self, job: Callable[[], None]) -> None:
        try:
            if self._failure is None:
                job()
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread and raised there
            self._failure = error
        finally:
            self._room.release()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
