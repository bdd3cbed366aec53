"""Naming a worker process so that others on the machine can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path


def this_process() -> str:
    """Return host, process namespace, pid and start time of this process."""
    pid = os.getpid()
    return f"{_here()}/{pid}/{_start_time(pid)}"


def is_dead(name: str) -> bool:
    """Say whether a named process of this machine has ended; processes elsewhere count as alive."""
    try:
        here, pid, started = name.rsplit("/", 2)
        return here == _here() and _start_time(int(pid)) != started
    except ValueError:
        return False


@cache
def _here() -> str:
    namespace = Path("/proc/self/ns/pid").stat().st_ino if Path("/proc/self/ns/pid").exists() else 0
    return f"{socket.gethostname()}/{namespace}"


def _start_time(pid: int) -> str:
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
