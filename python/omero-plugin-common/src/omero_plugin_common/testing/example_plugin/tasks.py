"""The example's kinds of jobs."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation
from typing import TYPE_CHECKING

from django.db import connections
from pydantic import BaseModel, Field

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.jobs.errors import JobCancelledError, JobFailedError, RetryLaterError
from omero_plugin_common.jobs.kinds import Step, Steps, job_kind
from omero_plugin_common.testing.example_plugin.models import Served

if TYPE_CHECKING:
    from omero_plugin_common.jobs.context import JobContext

COUNT_UP = """
INSERT INTO example_applied (job_id, step, times) VALUES (%s, %s, 1)
ON CONFLICT (job_id, step) DO UPDATE SET times = example_applied.times + 1
"""


class CountParameters(BaseModel):
    """How many steps, how long each, and a folder in which every step leaves one file."""

    steps: int = Field(gt=0, le=1_000_000)
    seconds: float = Field(default=0.0, ge=0)
    folder: Path | None = None


@job_kind("example.count", title="Count", transactional=True, parameters=CountParameters)
def count(context: JobContext) -> Steps:
    """Count steps in the plugin database; repeating a step would show as a count of two."""
    wanted: CountParameters = context.parameters
    for index in range(context.done, wanted.steps):
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(COUNT_UP, [context.job_id, index])
        if wanted.folder is not None:
            (wanted.folder / str(index)).touch()
        if wanted.seconds:
            context.wait(wanted.seconds)
        yield Step(index + 1, total=wanted.steps, message=f"Counted {index + 1} of {wanted.steps}")
    return {"counted": wanted.steps}


@job_kind("example.serve", title="Serve", parameters=CountParameters)
def serve(context: JobContext) -> Steps:
    """Write down whose turn it was."""
    wanted: CountParameters = context.parameters
    for index in range(context.done, wanted.steps):
        Served.objects.create(owner_id=context.owner.user_id, job_id=context.job_id, step=index)
        time.sleep(wanted.seconds)
        yield Step(index + 1, total=wanted.steps)
    return None


@job_kind("example.aside", title="Step aside", queue="aside", parameters=CountParameters)
def aside(context: JobContext) -> Steps:
    """Wait on a queue that no worker listens to, for looking at waiting jobs."""
    yield Step(context.parameters.steps, total=context.parameters.steps)
    return None


class SleepParameters(BaseModel):
    """How the one long step waits."""

    how: str = Field(pattern="^(polite|python|program|stubborn)$")
    seconds: float = 60.0


@job_kind("example.sleep", title="Sleep", parameters=SleepParameters, time_limit_seconds=300)
def sleep(context: JobContext) -> Steps:
    """One long step that looks for cancelling, doesn't, waits for a program, or refuses to be interrupted."""
    wanted: SleepParameters = context.parameters
    yield Step(0, total=1, message="Sleeping")
    if wanted.how == "polite":
        context.wait(wanted.seconds)
    elif wanted.how == "program":
        subprocess.run(["/bin/sleep", str(wanted.seconds)], check=True)
    elif wanted.how == "python":
        time.sleep(wanted.seconds)
    else:
        _ignore_everything(wanted.seconds)
    yield Step(1)
    return None


def _ignore_everything(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            time.sleep(0.05)
        except BaseException:  # noqa: BLE001 - what a badly behaved library would do
            continue


@job_kind("example.overdue", title="Take too long", time_limit_seconds=0.5, queue="default", max_running=1)
def overdue(_context: JobContext) -> Steps:
    """Take longer than the kind may."""
    yield Step(0, total=1)
    time.sleep(60)
    yield Step(1)
    return None


@job_kind("example.outside", title="Run elsewhere", parameters=CountParameters, settles_cancel=True)
def outside(context: JobContext) -> Steps:
    """Stand for something that runs outside the worker, `running` in the folder, until the job is cancelled.

    Ending it takes as long as there is `slow` in the folder, whatever interrupts that.
    """
    try:
        yield Step(1, total=2, checkpoint={"begun": True})
        context.wait(60)
    except (GeneratorExit, JobCancelledError):
        _end_outside(context.parameters.folder)
        raise
    return None


def _end_outside(folder: Path) -> None:
    while (folder / "running").exists():
        with suppress(JobCancelledError):
            while (folder / "slow").exists():
                time.sleep(0.05)
            (folder / "running").unlink()


class FailParameters(BaseModel):
    """How the job fails, and a file that makes it succeed once it exists."""

    how: str = Field(pattern="^(message|surprise|later)$")
    healed: Path | None = None


@job_kind("example.fail", title="Fail", parameters=FailParameters, destructive=True, max_attempts=3)
def fail(context: JobContext) -> Steps:
    """Fail in the way asked for."""
    wanted: FailParameters = context.parameters
    yield Step(context.done or 1, total=2)
    if wanted.healed is None or not wanted.healed.exists():
        if wanted.how == "message":
            raise JobFailedError("Dataset 5 is gone. Choose another one.")
        if wanted.how == "later":
            raise RetryLaterError("The archive is closed just now.")
        raise KeyError("secret detail")
    yield Step(2)
    return {"healed": True}


@job_kind("example.crash", title="Crash", max_crashes=2)
def crash(_context: JobContext) -> Steps:
    """End the worker process in the middle of a step."""
    import os  # noqa: PLC0415

    yield Step(0, total=1)
    os._exit(1)


@job_kind("example.whoami", title="Who am I", max_attempts=2)
def whoami(context: JobContext) -> Steps:
    """Open an OMERO session as the job's owner and say who that is."""
    with context.gateway() as conn:
        name = conn.getUser().getName()
        group = conn.getEventContext().groupId
        yield Step(1, total=1)
    return {"user": name, "group": group}
