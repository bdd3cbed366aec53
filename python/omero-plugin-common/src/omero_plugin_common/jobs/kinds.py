"""Declaring kinds of jobs: a generator that does one step between two yields, and what the engine may do with it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omero_plugin_common.jobs.errors import UnknownKindError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from omero_plugin_common.jobs.context import JobContext
    from omero_plugin_common.models import Job


@dataclass(frozen=True, slots=True)
class Step:
    """What a job reports after a step: how far it is, and what it needs to continue from here."""

    done: int
    total: int | None = None
    message: str | None = None
    checkpoint: dict[str, Any] | None = None


Steps = Generator[Step, None, dict[str, Any] | None]
Run = Callable[["JobContext"], Steps]


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job.

    `run` continues from `context.done` and `context.checkpoint`; what it returns is the job's result. After a
    crash, steps since the last saved checkpoint are done again, so a step must have no further effect when
    repeated. A `transactional` kind whose effects are all in the plugin database is exempt: each step and its
    checkpoint are one transaction. With `settles_cancel`, a job that has a checkpoint but waits for its next turn
    is cancelled by a worker too, so that its code can end what it left running elsewhere, in the time that needs.
    """

    name: str
    title: str
    run: Run = field(repr=False)
    queue: str = "default"
    transactional: bool = False
    destructive: bool = False
    settles_cancel: bool = False
    max_attempts: int = 5
    max_crashes: int = 5
    max_running: int | None = None
    per_user_limit: int | None = None
    time_limit_seconds: float | None = None
    parameters: type[BaseModel] | None = None


_kinds: dict[str, JobKind] = {}


def job_kind(name: str, *, title: str, **options: Any) -> Callable[[Run], Run]:
    """Register a generator function as a kind of job; the options are the fields of JobKind."""

    def register(run: Run) -> Run:
        _kinds[name] = JobKind(name=name, title=title, run=run, **options)
        return run

    return register


def kind_named(name: str) -> JobKind:
    """Return a registered kind; raises UnknownKindError."""
    try:
        return _kinds[name]
    except KeyError:
        known = ", ".join(sorted(_kinds)) or "none"
        raise UnknownKindError(f"There is no kind of job called {name!r}. Known here: {known}.") from None


def known_kinds() -> dict[str, JobKind]:
    return dict(_kinds)


def leaves_something_running(job: Job) -> bool:
    """Whether a waiting job must be run once more to be cancelled."""
    kind = _kinds.get(job.kind)
    return kind is not None and kind.settles_cancel and bool(job.checkpoint)
