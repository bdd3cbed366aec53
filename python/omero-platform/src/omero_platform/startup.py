"""Bringing the services up, each as soon as what it needs is healthy."""

from __future__ import annotations

import contextlib
import fcntl
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omero_platform.backup.restore import finish_interrupted
from omero_platform.errors import PlatformError
from omero_platform.health.checks import check
from omero_platform.services.registry import RUNNERS, running_services
from omero_platform.supervisor import Program, Supervisor, launch, write_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from omero_platform.instance import Instance

PATIENCE_SECONDS = 120  # for one service to become healthy
CRASH_PATIENCE_SECONDS = 10  # for a process that ends at once, before the start is given up
MOST_PROCESSES = 3  # of one service during a start: it ends by itself, again and again
POLL_SECONDS = 0.2
KEEPER = "keeper"


@dataclass
class Progress:
    """How far a service has come."""

    state: str = "waiting"  # waiting, preparing, starting, up, failed
    began: float = 0.0
    seconds: float = 0.0
    detail: str = ""


@dataclass
class Startup:
    """The state of all services while they come up."""

    services: dict[str, Progress] = field(default_factory=dict)

    def finished(self) -> bool:
        """Whether every service is up."""
        return all(progress.state == "up" for progress in self.services.values())


def make_folders(instance: Instance) -> None:
    """Make the data folder's own sub-folders; the marker comes first, so that a half-made folder is known as ours."""
    instance.data.mkdir(mode=0o750, parents=True, exist_ok=True)
    instance.remember()
    for folder in (instance.run, instance.log, instance.home):
        folder.mkdir(mode=0o750, exist_ok=True)


@contextlib.contextmanager
def only_one(instance: Instance) -> Iterator[None]:
    """Let one start-up or shutdown at a time work on a stack; raises PlatformError for a second one."""
    with (instance.run / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PlatformError(
                f"The stack in {instance.data} is being started or stopped by another command.",
                "Watch it with `./omero-platform status`.",
            ) from error
        yield


def keeper_program(instance: Instance) -> Program:
    """The process that looks after supervisord, as supervisord looks after all others."""
    return Program(KEEPER, instance.python("omero_platform", "keep", "--data", str(instance.data)))


def start_services(instance: Instance, changed: Callable[[Startup], None]) -> Startup:
    """Prepare and start everything that does not run yet; returns when all is healthy.

    Raises PlatformError naming the first service that does not come up.
    """
    finish_interrupted(instance)
    names = running_services(instance)
    startup = Startup({name: Progress() for name in names})
    supervisor = Supervisor(instance)
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        preparing = {name: pool.submit(prepare, instance, startup.services[name], name) for name in names}
        if not supervisor.answers():
            watch(startup, preparing, changed)
            programs = [RUNNERS[name].program(instance, name) for name in names]
            write_config(instance, [*programs, keeper_program(instance)])
            launch(instance)
        starting: dict[str, Future[None]] = {}
        while not startup.finished():
            for name in names:
                needs = [need for need in instance.service(name).needs if need in names]
                if (
                    name not in starting
                    and preparing[name].done()
                    and all(startup.services[need].state == "up" for need in needs)
                ):
                    starting[name] = pool.submit(start_one, instance, startup.services[name], name)
            raise_first_failure([*preparing.values(), *starting.values()])
            changed(startup)
            time.sleep(POLL_SECONDS)
    supervisor.start(KEEPER)
    changed(startup)
    return startup


def watch(startup: Startup, futures: dict[str, Future[None]], changed: Callable[[Startup], None]) -> None:
    """Report progress until all futures are done; raises the first failure."""
    while not all(future.done() for future in futures.values()):
        changed(startup)
        time.sleep(POLL_SECONDS)
    raise_first_failure(list(futures.values()))


def raise_first_failure(futures: list[Future[None]]) -> None:
    """Raise what went wrong in a finished future."""
    for future in futures:
        if future.done():
            future.result()


def prepare(instance: Instance, progress: Progress, name: str) -> None:
    """Make what a service needs on disk."""
    progress.state, progress.began = "preparing", time.monotonic()
    try:
        RUNNERS[name].prepare(instance, name)
    except OSError as error:
        progress.state = "failed"
        raise PlatformError(f"{instance.service(name).title} could not be prepared: {error}.") from error
    except PlatformError:
        progress.state = "failed"
        raise
    progress.state, progress.seconds = "waiting", time.monotonic() - progress.began


def start_one(instance: Instance, progress: Progress, name: str) -> None:
    """Start a service and wait until it is healthy."""
    supervisor = Supervisor(instance)
    progress.state, progress.began = "starting", time.monotonic()
    spent_preparing = progress.seconds
    try:
        RUNNERS[name].before_start(instance, name)
        supervisor.start(name)
        wait_until_healthy(instance, supervisor, progress, name)
    except PlatformError:
        progress.state = "failed"
        raise
    progress.state, progress.detail = "up", ""
    progress.seconds = spent_preparing + time.monotonic() - progress.began


def wait_until_healthy(instance: Instance, supervisor: Supervisor, progress: Progress, name: str) -> None:
    """Ask the service until it answers; raises PlatformError when it never does, or its process gives up."""
    log = instance.log / f"{name}.log"
    deadline = time.monotonic() + PATIENCE_SECONDS
    crash_deadline = time.monotonic() + CRASH_PATIENCE_SECONDS
    processes: set[int] = set()
    while time.monotonic() < deadline:
        health = check(instance, name, thorough=True)
        if health.ok:
            return
        progress.detail = health.detail
        state = supervisor.states().get(name)
        if state:
            processes.add(state.pid)
            gave_up = state.state == "fatal" or (
                state.state == "backoff" and time.monotonic() > crash_deadline
            )
            if gave_up or len(processes - {0}) > MOST_PROCESSES:
                raise PlatformError(
                    f"{instance.service(name).title} does not start: its process ends by itself ({last_line(log)}).",
                    f"Its log is {log}.",
                )
        time.sleep(POLL_SECONDS)
    raise PlatformError(
        f"{instance.service(name).title} was not up after {PATIENCE_SECONDS} s: {progress.detail} ({last_line(log)}).",
        f"Its log is {log}.",
    )


def last_line(log: Path) -> str:
    """The last line of a log, for a message."""
    try:
        lines = [
            line.strip()
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
            if line.strip()
        ]
    except OSError:
        return "no output"
    return lines[-1][-200:] if lines else "no output"
