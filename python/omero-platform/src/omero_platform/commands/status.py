"""`status`: what runs, and whether it answers."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from omero_platform.health.checks import check
from omero_platform.instance import existing_instance
from omero_platform.monitoring import elsewhere
from omero_platform.services.registry import absent_services, running_services
from omero_platform.supervisor import Supervisor
from omero_platform.terminal import console, status_table

if TYPE_CHECKING:
    import argparse

    from omero_platform.instance import Instance
    from omero_platform.supervisor import ProgramState

HELP = "Show which services are up; exit code 0 when all are."
AS_OWNER = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `status`."""
    parser.add_argument("--json", action="store_true", help="for programs: one object per service")


def run(options: argparse.Namespace) -> int:
    """Show the table."""
    instance = existing_instance(options.data, options.port_offset)
    rows = service_rows(instance)
    all_up = all(state == "up" for _name, state, _detail in rows)
    if options.json:
        console.print_json(
            json.dumps({name: {"state": state, "detail": detail} for name, state, detail in rows})
        )
        return 0 if all_up else 1
    console.print(status_table(instance, rows))
    show_absent(instance)
    console.print(
        f"\n{instance.web_address}   data: {instance.data}" if all_up else f"\ndata: {instance.data}"
    )
    return 0 if all_up else 1


def show_absent(instance: Instance) -> None:
    """Say which services do not run here, and why; a line per reason."""
    reasons: dict[str, list[str]] = {}
    for name, reason in absent_services(instance).items():
        reasons.setdefault(reason, []).append(instance.service(name).title)
    for reason, titles in reasons.items():
        console.print(f"Not running: {'; '.join(titles)}: {reason}.")
    for sentence in elsewhere.describe(instance):
        console.print(sentence)


def service_rows(instance: Instance) -> list[tuple[str, str, str]]:
    """Name, state and detail of every service that should run."""
    states = Supervisor(instance).states()
    names = running_services(instance)
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        return list(pool.map(lambda name: service_row(instance, name, states.get(name)), names))


def service_row(instance: Instance, name: str, state: ProgramState | None) -> tuple[str, str, str]:
    """One service: its process, then its health."""
    if state is None or not state.running:
        reason = "" if state is None or state.state == "stopped" else f"{state.state}: {state.reason}"
        return name, "down", reason
    health = check(instance, name)
    if health.ok:
        return name, "up", f"for {duration(time.time() - state.started)}"
    return name, "starting", health.detail


def duration(seconds: float) -> str:
    """A length of time in the unit people would use."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
