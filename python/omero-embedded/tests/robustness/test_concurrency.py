"""Many clients at once: no error, no lost update; and a server that is killed keeps what it said it saved."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import pytest
from omero.gateway import BlitzGateway
from omero.rtypes import rstring

from omero_embedded.testing import PASSWORD, Site, spawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLIENTS = 16


def work(address: str, seconds: float, number: int, faults: list[str], durations: list[float]) -> None:
    """One client's mixed reads and writes; each checks that it reads what it wrote."""
    noise = random.Random(number)
    conn = BlitzGateway("alice", PASSWORD, host=address)
    if not conn.connect():
        faults.append(f"client {number} cannot log in: {conn.getLastError()}")
        return
    try:
        _mixed(conn, seconds, number, noise, durations)
    except Exception as error:  # noqa: BLE001 - a thread reports to the test
        faults.append(f"client {number}: {type(error).__name__}: {error}")
    finally:
        conn.close()


def _mixed(conn: Any, seconds: float, number: int, noise: random.Random, durations: list[float]) -> None:
    update, query = conn.getUpdateService(), conn.getQueryService()
    dataset = omero.model.DatasetI()
    dataset.name = rstring(f"client {number}")
    dataset = update.saveAndReturnObject(dataset)
    until = time.monotonic() + seconds
    round_ = 0
    while time.monotonic() < until:
        started = time.perf_counter()
        round_ += 1
        kind = noise.randrange(4)
        if kind == 0:
            dataset.description = rstring(f"round {round_}")
            dataset = update.saveAndReturnObject(dataset)
            found = query.get("Dataset", dataset.id.val)
            assert found.description.val == f"round {round_}"
        elif kind == 1:
            rows = query.projection("select count(d) from Dataset d where d.name like 'client%'", None)
            assert rows[0][0].val >= 1
        elif kind == 2:
            link = omero.model.DatasetAnnotationLinkI()
            link.parent = omero.model.DatasetI(dataset.id.val, False)
            link.child = omero.model.CommentAnnotationI()
            link.child.textValue = rstring(f"{number} {round_}")
            update.saveObject(link)
        else:
            planes = (np.full((32, 32), round_ % 255, np.uint8) for _ in range(1))
            image = conn.createImageFromNumpySeq(planes, f"{number}-{round_}", 1, 1, 1)
            assert image.getPrimaryPixels().getPlane(0, 0, 0)[0, 0] == round_ % 255
        durations.append(time.perf_counter() - started)


def run_clients(site: Site, seconds: float) -> list[float]:
    """All clients at once; how long each round took."""
    faults: list[str] = []
    durations: list[float] = []
    threads = [
        threading.Thread(target=work, args=(site.address, seconds, n, faults, durations))
        for n in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return durations


def test_sixteen_clients_do_not_disturb_each_other(site: Site) -> None:
    site.group("lab", "rwra--", "alice")
    assert len(run_clients(site, 8)) > CLIENTS


@pytest.mark.soak
def test_sixteen_clients_for_five_minutes_with_steady_memory(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    site = Site(tmp_path)
    try:
        site.group("lab", "rwra--", "alice")
        run_clients(site, 60)
        before = resident_bytes(os.getpid())
        durations = sorted(run_clients(site, 240))
        grown = resident_bytes(os.getpid()) / before
        median, slow = durations[len(durations) // 2], durations[int(len(durations) * 0.99)]
        record_property("median_ms", median * 1000)
        record_property("p99_ms", slow * 1000)
        record_property("memory_ratio", grown)
        assert grown < 1.1
        assert slow <= 10 * median
    finally:
        site.stop()


def resident_bytes(pid: int) -> int:
    """Resident memory of a process."""
    with open(f"/proc/{pid}/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def save_until_killed(address: str, saved: list[tuple[int, str]]) -> None:
    """Save projects with a dataset each, and note what the server said it saved."""
    client = omero.client(host=address)
    try:
        client.createSession("root", PASSWORD)
        update = client.sf.getUpdateService()
        while True:
            project, dataset = omero.model.ProjectI(), omero.model.DatasetI()
            project.name = dataset.name = rstring(f"kept {len(saved)}")
            project.linkDataset(dataset)
            saved.append((update.saveAndReturnObject(project).id.val, project.name.val))
    except Exception:  # noqa: BLE001 - the server is killed under it, in one of many ways
        pass
    finally:
        client.__del__()


def check_whole(address: str, saved: list[tuple[int, str]]) -> None:
    """Everything that was answered is there; nothing is there by half."""
    client = omero.client(host=address)
    client.createSession("root", PASSWORD)
    query = client.sf.getQueryService()
    rows = query.projection(
        "select p.id, p.name, d.name from ProjectDatasetLink l join l.parent p join l.child d",
        None,
        {"omero.group": "-1"},
    )
    found = {row[0].val: (row[1].val, row[2].val) for row in rows}
    assert {project: found.get(project) for project, _ in saved} == {
        project: (name, name) for project, name in saved
    }
    for half in ("Project p where p.datasetLinks is empty", "Dataset d where d.projectLinks is empty"):
        alias = half.split()[1]
        assert (
            query.projection(f"select count({alias}) from {half}", None, {"omero.group": "-1"})[0][0].val == 0
        )
    client.closeSession()


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.soak)])
def test_a_killed_server_keeps_what_it_saved_and_nothing_by_half(tmp_path: Path, rounds: int) -> None:
    noise = random.Random(rounds)
    saved: list[tuple[int, str]] = []
    for _ in range(rounds):
        process, address = spawn(tmp_path)
        writer = threading.Thread(target=save_until_killed, args=(address, saved))
        writer.start()
        time.sleep(noise.uniform(0.2, 1.5))  # the moment of the kill is what varies
        process.send_signal(signal.SIGKILL)
        process.wait()
        writer.join()
    process, address = spawn(tmp_path)
    try:
        assert len(saved) > rounds
        check_whole(address, saved)
    finally:
        process.terminate()
        process.wait(30)
