"""Which module runs which service of `stack.toml`, and what keeps a service from running on this machine."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_platform.services import caretaker, monitoring, omeroserver, omeroweb, postgresql, redis, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_platform.instance import Instance
    from omero_platform.supervisor import Program


def nothing(_instance: Instance, _service: str) -> None:
    """No step is needed."""


@dataclass(frozen=True)
class Runner:
    """How a service runs: what to prepare before anything starts, what to do once its needs are up, and its process."""

    prepare: Callable[[Instance, str], None]
    program: Callable[[Instance, str], Program]
    before_start: Callable[[Instance, str], None] = nothing


POSTGRESQL = Runner(postgresql.prepare, postgresql.program)
MONITORING = Runner(monitoring.prepare, monitoring.program)

RUNNERS: dict[str, Runner] = {
    "database": POSTGRESQL,
    "database_plugin": POSTGRESQL,
    "redis": Runner(redis.prepare, redis.program),
    "omeroserver": Runner(omeroserver.prepare, omeroserver.program),
    "omeroweb": Runner(omeroweb.prepare, omeroweb.program, before_start=omeroweb.migrate),
    "worker": Runner(worker.prepare, worker.program, before_start=worker.register_scripts),
    "caretaker": Runner(caretaker.prepare, caretaker.program),
    **dict.fromkeys(monitoring.PROGRAMS, MONITORING),
}


def absence(instance: Instance, service: str) -> str:
    """Why a service does not run here; empty when it does."""
    if service in monitoring.PROGRAMS:
        if not instance.monitoring:
            return "switched off by --no-monitoring"
        program = monitoring.PROGRAMS[service]
        return "" if shutil.which(program) else f"the program {program} is not installed"
    if service == "worker" and not has_module(worker.APP):
        return f"no plugin brings jobs ({worker.APP} is not there)"
    return ""


def has_module(name: str) -> bool:
    """Whether a module can be imported."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def running_services(instance: Instance) -> list[str]:
    """The services that this instance runs, each after those it needs."""
    present = [name for name in instance.stack.local() if not absence(instance, name)]
    return instance.stack.start_order(present)


def absent_services(instance: Instance) -> dict[str, str]:
    """The local services that do not run, and why."""
    return {name: reason for name in instance.stack.local() if (reason := absence(instance, name))}
