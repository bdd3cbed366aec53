"""Who waits for the store gets it in turn."""

from __future__ import annotations

import threading
from queue import Queue

import pytest

from omero_embedded.store.fair_lock import FairLock


def waiting(lock: FairLock) -> int:
    return len(lock._waiting)


def queue_up(lock: FairLock, served: Queue[int], number: int) -> threading.Thread:
    """A thread that waits for the lock, and is known to wait."""

    def take() -> None:
        with lock:
            served.put(number)

    before = waiting(lock)
    thread = threading.Thread(target=take)
    thread.start()
    while waiting(lock) == before:
        thread.join(0.001)
    return thread


def test_those_who_wait_are_served_in_the_order_in_which_they_came() -> None:
    lock, served = FairLock(), Queue[int]()
    with lock:
        threads = [queue_up(lock, served, number) for number in range(8)]
    with lock:  # asks after all others
        served.put(99)
    for thread in threads:
        thread.join()
    assert [served.get() for _ in range(9)] == [*range(8), 99]


def test_a_thread_may_take_the_lock_that_it_has() -> None:
    lock, served = FairLock(), Queue[int]()
    with lock:
        with lock:
            thread = queue_up(lock, served, 1)
        assert served.empty()
    thread.join()
    assert served.get() == 1


def test_an_error_gives_the_lock_back() -> None:
    lock = FairLock()
    with pytest.raises(KeyError), lock:
        raise KeyError("x")
    thread = threading.Thread(target=lock.__enter__)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def test_no_two_threads_have_it_at_once() -> None:
    lock = FairLock()
    counts = [0]

    def count() -> None:
        for _ in range(500):
            with lock:
                seen = counts[0]
                threading.Event().wait(0)
                counts[0] = seen + 1

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [4000]
