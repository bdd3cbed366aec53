"""The process that starts supervisord again when that is killed; supervisord in turn restarts this one."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from omero_platform.processes import stack_processes, supervisor_session
from omero_platform.startup import only_one, start_services
from omero_platform.supervisor import Supervisor

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 40


def keep(instance: Instance) -> None:
    """Wait until supervisord, this process's parent, is gone; then clear up after it and start the stack again."""
    write_to_own_log(instance)
    supervisord = supervisor_session(instance.data)  # its process leads the session
    while os.getppid() == supervisord:
        time.sleep(POLL_SECONDS)
    if Supervisor(instance).answers():
        return  # somebody else was faster
    print("supervisord is gone: starting the stack again", flush=True)  # noqa: T201 - this is its log
    with only_one(instance):
        end_leftovers(instance.data)
        start_services(instance, changed=lambda _startup: None)
    print("the stack is up again", flush=True)  # noqa: T201


def write_to_own_log(instance: Instance) -> None:
    """Write to the log itself, not to supervisord's pipe, which breaks just when there is something to say."""
    with (instance.log / "keeper.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


def end_leftovers(data: Path) -> int:
    """End what a killed supervisord has left running, politely first; returns how many processes there were."""
    leftovers = stack_processes(data)
    send(leftovers, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    quick = time.monotonic() + 3
    while (remaining := stack_processes(data)) and time.monotonic() < deadline:
        if time.monotonic() > quick:
            send(
                remaining, signal.SIGINT
            )  # PostgreSQL waits for its clients after SIGTERM, but not after SIGINT
        time.sleep(0.2)
    send(stack_processes(data), signal.SIGKILL)
    return len(leftovers)


def send(pids: list[int], number: signal.Signals) -> None:
    """Signal processes, some of which may have ended meanwhile."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
