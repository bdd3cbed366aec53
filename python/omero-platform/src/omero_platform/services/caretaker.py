"""The caretaker: schedules of maintenance and backups, and metrics about the other services."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omero_platform.maintenance.heartbeat import heartbeat_folder, note_start
from omero_platform.supervisor import Program

if TYPE_CHECKING:
    from omero_platform.instance import Instance


def prepare(instance: Instance, _service: str) -> None:
    """Begin counting the age of maintenance and backups."""
    note_start(heartbeat_folder(instance), time.time())


def program(instance: Instance, service: str) -> Program:
    """The process; a running backup gets a minute to end."""
    command = instance.python("omero_platform", "caretaker", "--data", str(instance.data))
    return Program(service, command, stop_seconds=60)
