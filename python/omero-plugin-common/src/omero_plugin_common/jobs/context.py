"""What a job's code gets to see and use."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omero_plugin_common.jobs.omero_sessions import session_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_plugin_common.database.owned import Owner
    from omero_plugin_common.jobs.errors import JobInterruptedError


@dataclass(slots=True)
class Interruption:
    """Set once by the watcher; read by the job, which holds `shield` while it must not be stopped."""

    event: threading.Event = field(default_factory=threading.Event)
    error: JobInterruptedError | None = None
    shield: threading.Lock = field(default_factory=threading.Lock)

    def set(self, error: JobInterruptedError) -> None:
        if self.error is None:
            self.error = error
            self.event.set()


@dataclass(frozen=True, slots=True)
class JobContext:
    """Identity, parameters and progress of the job; `parameters` is the kind's pydantic model when it has one."""

    job_id: str
    owner: Owner
    group_id: int | None
    parameters: Any
    done: int
    total: int
    checkpoint: dict[str, Any]
    interruption: Interruption = field(default_factory=Interruption)

    def check(self) -> None:
        """Stop here if the job was cancelled, is overdue or belongs to another worker; call it in long steps."""
        if self.interruption.error is not None:
            raise self.interruption.error

    def wait(self, seconds: float) -> None:
        """Pause, but stop at once when the job is interrupted."""
        self.interruption.event.wait(seconds)
        self.check()

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """Put off any interruption until the block is over; for short calls whose answer must not be lost."""
        with self.interruption.shield:
            self.check()
            yield

    @contextmanager
    def gateway(self) -> Iterator[Any]:
        """Yield a BlitzGateway with a kept-alive session of the job's owner in the job's group."""
        with session_source().user_session(self.owner, self.group_id) as conn:
            yield conn
