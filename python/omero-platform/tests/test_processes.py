"""Finding processes by port and by stack."""

from __future__ import annotations

import os
import socket
import subprocess
from typing import TYPE_CHECKING

from omero_platform.instance import HOST
from omero_platform.keeper import end_leftovers
from omero_platform.processes import describe, port_holder, stack_processes

if TYPE_CHECKING:
    from omero_platform.instance import Instance


def test_the_holder_of_a_port_is_found() -> None:
    with socket.create_server((HOST, 0)) as server:
        holder = port_holder(server.getsockname()[1])
        assert holder
        assert holder.pid == os.getpid()
    assert port_holder(server.getsockname()[1] if server.fileno() != -1 else 1) is None


def test_a_process_that_ended_has_no_name() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert describe(ended.pid).command == "?"


def test_leftovers_of_a_stack_are_ended_and_others_are_not(prepared: Instance) -> None:
    marked = {**os.environ, "OMERO_PLATFORM_DATA": str(prepared.data)}
    similar = {**os.environ, "OMERO_PLATFORM_DATA": f"{prepared.data}-2"}
    stubborn = subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 1000"], env=marked)
    foreign = subprocess.Popen(["sleep", "1000"], env=similar)
    try:
        while not stack_processes(prepared.data):
            assert stubborn.poll() is None
        assert end_leftovers(prepared.data) >= 1
        assert stubborn.wait(timeout=10) != 0
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()
