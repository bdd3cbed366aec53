"""Processes of this machine as /proc shows them: who holds a port, and what a stack has left behind."""

from __future__ import annotations

import os
import pwd
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTEN = "0A"


@dataclass(frozen=True)
class Process:
    """A process, as people would name it."""

    pid: int
    command: str
    user: str

    def __str__(self) -> str:
        return f"{self.command} (process {self.pid} of {self.user})"


def describe(pid: int) -> Process:
    """What a process is called; fields are "?" when it has ended meanwhile."""
    folder = Path("/proc") / str(pid)
    try:
        command = folder.joinpath("comm").read_text().strip()
        uid = folder.stat().st_uid
    except OSError:
        return Process(pid, "?", "?")
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    return Process(pid, command, user)


def process_ids() -> Iterator[int]:
    """Every process there is."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - /proc has thousands of entries and names are enough
        if name.isdigit():
            yield int(name)


def listening_inodes(port: int) -> set[str]:
    """The sockets that listen on a TCP port, by their inode."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (Path("/proc/net") / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def port_holder(port: int) -> Process | None:
    """Who listens on a port; a process named "?" when this account may not know."""
    inodes = listening_inodes(port)
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for pid in process_ids():
        try:
            with os.scandir(f"/proc/{pid}/fd") as files:
                if any(os.readlink(file.path) in wanted for file in files):  # noqa: PTH115
                    return describe(pid)
        except OSError:
            continue
    return Process(0, "?", "?")


def stack_processes(data: Path) -> list[int]:
    """Processes that belong to the stack in a data folder, this one and its parent excepted.

    Most carry the folder in their environment. PostgreSQL and Redis overwrite that; they are known by the session
    that supervisord began and by the folder they work in.
    """
    mark = re.compile(rb"(?:^|\0)OMERO_PLATFORM_DATA=" + re.escape(os.fsencode(data)) + rb"(?:\0|$)")
    session = supervisor_session(data)
    own = {os.getpid(), os.getppid()}
    return [pid for pid in process_ids() if pid not in own and belongs(pid, mark, session, data)]


def supervisor_session(data: Path) -> int:
    """The session that the latest supervisord began; 0 when there was none."""
    try:
        return int((data / "run" / "supervisord.pid").read_text())
    except (OSError, ValueError):
        return 0


def belongs(pid: int, mark: re.Pattern[bytes], session: int, data: Path) -> bool:
    """Whether a process is part of the stack; one that may not be looked at, or has ended, is not."""
    folder = Path("/proc") / str(pid)
    try:
        if mark.search(folder.joinpath("environ").read_bytes()):
            return True
        if not session or os.getsid(pid) != session:
            return False
        return folder.joinpath("cwd").readlink().is_relative_to(data)
    except OSError:
        return False
