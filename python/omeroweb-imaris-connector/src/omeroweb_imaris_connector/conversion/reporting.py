"""How an export tells how far it is and learns that it should stop: through its job in OMERO.

The processor gives a script neither a shared folder nor the environment, but every script has a job, whose message and
status the person who started it can read and set.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

TELL_SECONDS = 0.4
ASK_SECONDS = 0.8
ENDED = ("Cancelled", "Error")
_MESSAGE = re.compile(r"ims (\w+) (\d+)/(\d+)")

WRITING, STORING = "writing", "storing"


@dataclass(frozen=True, slots=True)
class Report:
    """What an export does and how far it is, in bytes."""

    phase: str
    done: int
    total: int

    def text(self) -> str:
        """As it stands in the job's message."""
        return f"ims {self.phase} {self.done}/{self.total}"

    def percent(self) -> float:
        """Of the whole export: writing is most of the work, storing the rest."""
        share = self.done / self.total if self.total else 1.0
        return 85 * share if self.phase == WRITING else 85 + 15 * share


def parse(message: str) -> Report | None:
    """Return what a job's message reports, None for other messages."""
    found = _MESSAGE.fullmatch(message.strip())
    return Report(found[1], int(found[2]), int(found[3])) if found else None


class JobReporter:
    """Reports to one job; asks now and then whether it was cancelled."""

    def __init__(self, session_factory: Any, job_id: int) -> None:
        self._handle = session_factory.createJobHandle()
        self._handle.attach(job_id)
        self._told = self._asked = float("-inf")
        self._phase = ""
        self._stopped = False

    def tell(self, report: Report) -> None:
        """Write the job's message, at most a few times a second except when a new phase begins."""
        now = time.monotonic()
        if report.phase == self._phase and now - self._told < TELL_SECONDS:
            return
        self._told, self._phase = now, report.phase
        if not self.stopped():
            self._handle.setMessage(report.text())

    def stop(self) -> None:
        """Note that the process was asked to end."""
        self._stopped = True

    def stopped(self, *, now: bool = False) -> bool:
        """Whether the export should end, as asked a moment ago or, with `now`, at this one."""
        time_now = time.monotonic()
        if not self._stopped and (now or time_now - self._asked >= ASK_SECONDS):
            self._asked = time_now
            self._stopped = self._handle.jobStatus().getValue().getValue() in ENDED
        return self._stopped

    def close(self) -> None:
        """Give up the handle."""
        self._handle.close()


class SilentReporter:
    """For exports without a job."""

    def tell(self, report: Report) -> None:
        """Nobody listens."""

    def stop(self) -> None:
        """Nobody asks."""

    def stopped(self, *, now: bool = False) -> bool:  # noqa: ARG002 - as JobReporter's
        """Never."""
        return False

    def close(self) -> None:
        """Nothing is open."""
