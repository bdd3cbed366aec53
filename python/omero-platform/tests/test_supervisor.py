"""supervisord with real processes: what is configured runs, comes back, and stops."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from omero_platform.commands.down import stop_stack
from omero_platform.processes import stack_processes
from omero_platform.supervisor import Program, Supervisor, config_path, launch, render, write_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omero_platform.instance import Instance

AWKWARD = 'p%ss"wo\\rd, with everything'


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def supervisor(prepared: Instance) -> Iterator[Supervisor]:
    """A supervisord that looks after one sleeping shell and one that fails at once."""
    say = f"printenv SECRET > '{prepared.run}/said' && exec sleep 1000"
    programs = [Program("sleeper", ["sh", "-c", say], {"SECRET": AWKWARD}), Program("failing", ["false"])]
    write_config(prepared, programs)
    launch(prepared)
    yield Supervisor(prepared)
    stop_stack(prepared)
    assert stack_processes(prepared.data) == []


def test_nothing_starts_by_itself(supervisor: Supervisor) -> None:
    assert {state.state for state in supervisor.states().values()} == {"stopped"}


def test_values_reach_the_process_as_they_are(supervisor: Supervisor, prepared: Instance) -> None:
    supervisor.start("sleeper")
    said = prepared.run / "said"
    wait_for(lambda: said.exists() and said.read_text())
    assert said.read_text().strip() == AWKWARD


def test_a_killed_process_comes_back(supervisor: Supervisor) -> None:
    supervisor.start("sleeper")
    wait_for(lambda: supervisor.states()["sleeper"].state == "running")
    pid = supervisor.states()["sleeper"].pid
    os.kill(pid, signal.SIGKILL)
    wait_for(
        lambda: supervisor.states()["sleeper"].running and supervisor.states()["sleeper"].pid not in {0, pid}
    )


def test_starting_twice_and_stopping_twice_is_fine(supervisor: Supervisor) -> None:
    supervisor.start("sleeper")
    supervisor.start("sleeper")
    supervisor.stop("sleeper")
    supervisor.stop("sleeper")
    assert not supervisor.states()["sleeper"].running


def test_a_process_that_fails_at_once_is_not_running(supervisor: Supervisor) -> None:
    supervisor.start("failing")
    wait_for(lambda: supervisor.states()["failing"].state == "backoff")
    assert not supervisor.states()["failing"].running


def test_processes_know_their_stack(supervisor: Supervisor, prepared: Instance) -> None:
    supervisor.start("sleeper")
    wait_for(lambda: supervisor.states()["sleeper"].pid)
    assert {supervisor.pid(), supervisor.states()["sleeper"].pid} <= set(stack_processes(prepared.data))


def test_without_supervisord_there_are_no_states(prepared: Instance) -> None:
    assert not Supervisor(prepared).answers()
    assert Supervisor(prepared).states() == {}


def test_only_the_account_reads_the_configuration(prepared: Instance) -> None:
    write_config(prepared, [Program("one", ["true"])])
    assert config_path(prepared).stat().st_mode & 0o077 == 0
    assert "inet_http_server" not in render(prepared, [])
