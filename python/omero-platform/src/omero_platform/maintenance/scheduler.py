"""Running tasks when they are due, one after the other."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from omero_platform.maintenance.heartbeat import heartbeat_folder, note_run, note_start
from omero_platform.maintenance.schedule import Task, is_due, tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from omero_platform.instance import Instance

LONGEST_SECONDS = 12 * 3600.0
TIMED_OUT = 124


@dataclass(frozen=True)
class Scheduler:
    """The tasks of a stack; `clock` tells the time in Unix seconds, `run` does a task and tells how it ended."""

    tasks: list[Task]
    zone: ZoneInfo
    heartbeats: Path
    clock: Callable[[], float]
    run: Callable[[Task], bool]

    def tick(self) -> list[str]:
        """Run what is due now; returns the names of what ran."""
        ran = []
        note_start(self.heartbeats, self.clock())
        for task in self.tasks:
            began = self.clock()
            beat = note_start(self.heartbeats, began)[task.name]
            if not is_due(task, beat, self.zone, datetime.fromtimestamp(began, tz=UTC)):
                continue
            ok = self.run(task)
            after = note_start(self.heartbeats, began)[task.name]
            if after.last_run <= beat.last_run:  # the command ended before it could note anything itself
                note_run(
                    self.heartbeats,
                    task.name,
                    began,
                    self.clock(),
                    ok=ok,
                    detail="" if ok else "see caretaker.log",
                )
            ran.append(task.name)
        return ran


def exit_code(command: Sequence[str], longest_seconds: float = LONGEST_SECONDS) -> int:
    """Run a task's command to its end; one that hangs is ended, because all other tasks wait for it."""
    try:
        return subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, check=False, timeout=longest_seconds
        ).returncode
    except subprocess.TimeoutExpired:
        print(f"ended a task that took more than {longest_seconds:.0f} s", flush=True)  # noqa: T201
        return TIMED_OUT


def scheduler_of(instance: Instance, clock: Callable[[], float]) -> Scheduler:
    """The scheduler of a stack on this machine: every task is one of the platform's own commands."""

    def run(task: Task) -> bool:
        command = instance.python("omero_platform", *task.words, "--data", str(instance.data), "--scheduled")
        print(f"task={task.name} started", flush=True)  # noqa: T201 - this is the caretaker's log
        code = exit_code(command)
        print(f"task={task.name} ended exit_code={code}", flush=True)  # noqa: T201
        return code == 0

    return Scheduler(
        tasks(instance.stack), ZoneInfo(instance.stack.timezone), heartbeat_folder(instance), clock, run
    )
