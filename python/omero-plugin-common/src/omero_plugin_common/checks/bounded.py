"""Running checks side by side, with an end to waiting whatever hangs."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omero_plugin_common.checks.findings import Finding, failed, warned
from omero_plugin_common.health.problems import new_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)

# How long what a check found says how a service is, while the next check is on its way.
RECENT_SECONDS = 60.0


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
    before: Timed | None = None

    def recent(self) -> Timed | None:
        """What it found, if it ended not long ago."""
        if not self.future.done():
            return None
        found = self.future.result()
        ended = self.began + found.milliseconds / 1000
        return found if time.monotonic() - ended < RECENT_SECONDS else None


@dataclass(slots=True)
class Bounded:
    """Runs named checks in threads of their own; a check that still hangs is not started a second time.

    Threads of hanging checks end when their own time limit ends; they never keep the process from ending.
    """

    _running: dict[str, Running] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self, checks: Mapping[str, Callable[[], Finding]], seconds: float, *, patience: float = 0.0
    ) -> dict[str, Timed]:
        """Return a finding for every check after at most `seconds`.

        An unfinished one fails. With `patience`, it tells for its first so many seconds what it found the time
        before, even if nobody waited for that any more, or warns.
        """
        started = {name: self._start(name, check) for name, check in checks.items()}
        wait([entry.future for entry in started.values()], timeout=seconds)
        return {name: _result(entry, patience) for name, entry in started.items()}

    def _start(self, name: str, check: Callable[[], Finding]) -> Running:
        with self._lock:
            known = self._running.get(name)
            if known is not None and not known.future.done():
                return known
            entry = Running(Future(), time.monotonic(), known.recent() if known is not None else None)
            self._running[name] = entry
        threading.Thread(target=_work, args=(check, entry.future), name=f"check-{name}", daemon=True).start()
        return entry


def _result(entry: Running, patience: float) -> Timed:
    if entry.future.done():
        return entry.future.result()
    waited = time.monotonic() - entry.began
    if waited < patience:
        return entry.before or Timed(
            warned(
                f"no answer yet, after {waited:.1f} s",
                "It may only be slow: look again in a few seconds.",
            ),
            waited * 1000,
        )
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
