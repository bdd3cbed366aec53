"""What is checked before `up` touches anything: the folder, the disk, the ports."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.processes import port_holder, stack_processes
from omero_platform.services.registry import running_services

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance

NEEDED_BYTES_NEW = 1_000_000_000
NEEDED_BYTES_EXISTING = 200_000_000

# The distribution starts these by itself when it is asked to install the packages.
DISTRIBUTION_SERVICES = {
    "postgres": "postgresql",
    "redis-server": "redis-server",
    "prometheus": "prometheus",
    "prometheus-node": "prometheus-node-exporter",
    "prometheus-blac": "prometheus-blackbox-exporter",
    "prometheus-post": "prometheus-postgres-exporter",
    "prometheus-redi": "prometheus-redis-exporter",
    "prometheus-aler": "prometheus-alertmanager",
}


def existing_parent(path: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    while not path.exists():
        path = path.parent
    return path


def check_folder(instance: Instance) -> None:
    """Raise PlatformError unless the data folder can be written."""
    folder = existing_parent(instance.data)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PlatformError(
            f"{folder} is not writable for this account, so {instance.data} cannot be used.",
            "Choose another folder with --data, or run the command as the account that owns it.",
        )


def check_disk(instance: Instance, *, new: bool) -> None:
    """Raise PlatformError unless there is room for the databases to start and grow a little."""
    needed = NEEDED_BYTES_NEW if new else NEEDED_BYTES_EXISTING
    folder = existing_parent(instance.data)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise PlatformError(
            f"The disk is too full: {free // 1_000_000} MB are free at {folder}, and {needed // 1_000_000} MB are needed.",
            "Free some space, or choose a folder on another disk with --data. Nothing was changed.",
        )


def taken_ports(instance: Instance) -> list[str]:
    """One sentence per port of this stack that somebody else listens on."""
    own = set(stack_processes(instance.data))
    sentences = []
    for name in running_services(instance):
        service = instance.service(name)
        for port_name in service.ports:
            port = instance.port(name, port_name)
            holder = port_holder(port)
            if holder is None or holder.pid in own:
                continue
            sentences.append(
                f"port {port} ({service.title}) is taken by {holder_text(holder.command, str(holder))}"
            )
    return sentences


def holder_text(command: str, process: str) -> str:
    """Who holds a port, and how to make it let go when it is one of the distribution's own services."""
    if command == "?":
        return "a process of another user"
    service = DISTRIBUTION_SERVICES.get(command)
    if service:
        return f"{process}; if that is the distribution's own service: sudo systemctl disable --now {service}"
    return process


def check_ports(instance: Instance) -> None:
    """Raise PlatformError naming every taken port and its holder."""
    taken = taken_ports(instance)
    if taken:
        first, *others = taken
        raise PlatformError(
            "\n".join([f"P{first[1:]}.", *(f"P{sentence[1:]}." for sentence in others)]),
            f"Stop what holds {'it' if not others else 'them'}, or shift all ports: --port-offset {instance.port_offset + 10000}.",
        )
