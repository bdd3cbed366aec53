"""Requests about requests, and how handles tell what becomes of one."""

from __future__ import annotations

import threading
from typing import Any

import omero
import omero.all
import omero.cmd
import pytest
from omero.callbacks import CmdCallbackI

from omero_embedded.testing import Site

State = omero.cmd.State


class Watcher(CmdCallbackI):  # type: ignore[misc]
    """Counts the steps it is told of."""

    def __init__(self, client: Any, handle: Any) -> None:
        self.steps: list[tuple[int, int]] = []
        self.done = threading.Event()
        super().__init__(client, handle)

    def step(self, complete: int, total: int, current: Any = None) -> None:
        self.steps.append((complete, total))

    def onFinished(self, rsp: Any, status: Any, current: Any = None) -> None:  # noqa: N802 - the callback's name
        self.done.set()


def test_timing_takes_its_time_and_tells_of_ten_steps(world: Any) -> None:
    client = world.sessions["alice"]

    watcher = Watcher(client, client.sf.submit(omero.cmd.Timing(steps=40, millisPerStep=20)))

    assert watcher.done.wait(20)
    assert watcher.steps == [(step, 40) for step in range(4, 41, 4)]
    assert isinstance(watcher.getResponse(), omero.cmd.OK)
    status = watcher.getStatus()
    assert status.flags == [State.SUCCESS]
    assert status.stopTime - status.startTime >= 800
    watcher.close(True)


@pytest.mark.parametrize(
    ("steps", "pause", "name"),
    [
        (2_000_000, 0, "too-many-steps"),
        (1, 400_000, "too-long-steps"),
        (1000, 400, "too-long"),
        (0, 1, "no-steps"),
    ],
)
def test_timing_does_not_go_on_for_ever(world: Any, steps: int, pause: int, name: str) -> None:
    assert world.run("alice", omero.cmd.Timing(steps=steps, millisPerStep=pause)).name == name


def test_the_requests_that_are_answered_are_listed(world: Any) -> None:
    listed = {type(one).__name__ for one in world.run("alice", omero.cmd.ListRequests()).list}

    assert {"Delete2", "DoAll", "ListRequests", "Timing"} <= listed
    assert not listed & {"FindHandles", "PopStatus", "GraphQuery", "GraphModify2"}


@pytest.mark.parametrize("kind", ["FindHandles", "PopStatus", "GraphQuery", "GraphModify2", "Request"])
def test_there_is_no_handle_for_what_is_but_defined(world: Any, kind: str) -> None:
    assert world.sessions["alice"].sf.submit(getattr(omero.cmd, kind)()) is None


def test_all_of_nothing_is_cancelled(world: Any) -> None:
    client = world.sessions["alice"]

    watcher = Watcher(client, client.sf.submit(omero.cmd.DoAll([])))

    assert watcher.done.wait(20)
    assert watcher.getResponse().name == "no-steps"
    assert (watcher.isFailure(), watcher.isCancelled()) == (True, True)
    watcher.close(True)


def test_one_request_that_cannot_be_run_lets_none_of_all_begin(world: Any) -> None:
    dataset = world.container("Dataset")
    delete = omero.cmd.Delete2(targetObjects={"Dataset": [dataset]}, childOptions=[], dryRun=False)

    response = world.run("alice", omero.cmd.DoAll([delete, omero.cmd.PopStatus()]))

    assert (response.name, response.parameters["type"]) == ("bad-request", "::omero::cmd::PopStatus")
    assert world.exists("Dataset", dataset)


def test_a_server_that_stops_does_not_wait_for_timing(tmp_path_factory: pytest.TempPathFactory) -> None:
    site = Site(tmp_path_factory.mktemp("stopped"))
    with site.client("root") as client:
        client.sf.submit(omero.cmd.Timing(steps=1, millisPerStep=250_000))
    stopped = threading.Thread(target=site.stop, daemon=True)
    stopped.start()
    stopped.join(20)
    site.server.executor.shutdown(wait=True)
    assert not stopped.is_alive()
