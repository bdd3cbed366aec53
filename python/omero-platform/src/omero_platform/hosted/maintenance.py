"""The databases' upkeep where no timer of the host does it: a process that wakes up every minute and runs what is due."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from omero_platform.errors import PlatformError
from omero_platform.hosted.environment import required
from omero_platform.instance import source_root
from omero_platform.maintenance.databases import databases_from
from omero_platform.maintenance.run import ACTIONS, maintain
from omero_platform.maintenance.schedule import tasks
from omero_platform.maintenance.scheduler import Scheduler
from omero_platform.stack import load_stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omero_platform.maintenance.schedule import Task
    from omero_platform.stack import Stack

log = logging.getLogger(__name__)

TICK_SECONDS = 60.0
ALIVE = "alive"


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Look after the databases until the process is told to end."""
    stack = load_stack(source_root() / "stack.toml")
    while True:
        tick(stack, environ, time.time())
        time.sleep(TICK_SECONDS)


def tick(stack: Stack, environ: Mapping[str, str], now: float) -> list[str]:
    """Run what is due at this moment; returns the names of what was run."""
    folder = Path(required(environ, "OMERO_CARE_METRICS_DIR")[0])

    def look_after(task: Task) -> bool:
        try:
            outcomes = maintain(databases_from(environ), [task.name], folder)
        except PlatformError as error:
            log.warning("task=%s failed: %s", task.name, error)
            return False
        left = sum(not outcome.ok for outcome in outcomes)
        log.info("task=%s done=%d left=%d", task.name, len(outcomes) - left, left)
        return not left

    upkeep = [task for task in tasks(stack) if task.name in ACTIONS]
    ran = Scheduler(upkeep, ZoneInfo(stack.timezone), folder, lambda: now, look_after).tick()
    (folder / ALIVE).touch()
    return ran
