"""Running checks side by side, with an end to waiting whatever hangs."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omero_plugin_common.checks.findings import Finding, failed
from omero_plugin_common.health.problems import new_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timed:
    """A finding and how long it took."""

    finding: Finding
    milliseconds: float


@dataclass(slots=True)
class Running:
    """A check on its way."""

    future: Future[Timed]
    began: float


@dataclass(slots=True)
class Bounded:
    """Runs named checks in threads of their own; a check that still hangs is not started a second time.

    Threads of hanging checks end when their own time limit ends; they never keep the process from ending.
    """

    _running: dict[str, Running] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, checks: Mapping[str, Callable[[], Finding]], seconds: float) -> dict[str, Timed]:
        """Return a finding for every check after at most `seconds`; the unfinished ones fail."""
        started = {name: self._start(name, check) for name, check in checks.items()}
        wait([entry.future for entry in started.values()], timeout=seconds)
        return {name: self._result(name, entry) for name, entry in started.items()}

    def _start(self, name: str, check: Callable[[], Finding]) -> Running:
        with self._lock:
            known = self._running.get(name)
            if known is not None and not known.future.done():
                return known
            entry = Running(Future(), time.monotonic())
            self._running[name] = entry
        threading.Thread(target=_work, args=(check, entry.future), name=f"check-{name}", daemon=True).start()
        return entry

    def _result(self, name: str, entry: Running) -> Timed:
        if entry.future.done():
            with self._lock:
                if self._running.get(name) is entry:
                    del self._running[name]
            return entry.future.result()
        waited = time.monotonic() - entry.began
        return Timed(
            failed(
                f"no answer within {waited:.1f} s",
                "It hangs: look at its log, and at the load of the machine it runs on.",
            ),
            waited * 1000,
        )


def _work(check: Callable[[], Finding], future: Future[Timed]) -> None:
    began = time.perf_counter()
    try:
        finding = check()
    except Exception:  # the edge of a thread: whatever goes wrong is a finding
        reference = new_reference()
        logger.exception("check_failed reference=%s", reference)
        finding = failed(
            "the check itself failed", f"Search the log of OMERO.web for the reference {reference}."
        )
    future.set_result(Timed(finding, (time.perf_counter() - began) * 1000))
