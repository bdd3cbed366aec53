"""Importing with OMERO's command line: one process per batch and target, its results read from OMERO."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from omero.gateway import BlitzGateway

from omero_embedded.testing import PASSWORD
from omero_plugin_common.jobs.errors import JobCancelledError
from omero_plugin_common.testing.servers import wait_until
from omeroweb_upload.config import UploadSettings
from omeroweb_upload.engines.base import SetFile, SetPlan
from omeroweb_upload.engines.choose import cli_problem, engine_for
from omeroweb_upload.engines.cli import CliEngine
from omeroweb_upload.engines.marking import find_by_paths
from omeroweb_upload.models import UploadSet

STAND_IN = Path(__file__).with_name("stand_in_omero.py")


class Watch:
    """A job that may be cancelled."""

    def __init__(self):
        self.stopped = threading.Event()

    def check(self):
        if self.stopped.is_set():
            raise JobCancelledError("The job was cancelled.")


@pytest.fixture
def settings(tmp_path, monkeypatch):
    command = tmp_path / "omero"
    path = os.pathsep.join(part for part in sys.path if part)
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" -W ignore "{STAND_IN}" "$@"\n'
    )
    command.chmod(0o755)
    monkeypatch.setenv("STAND_IN_CALLS", str(tmp_path / "calls"))
    return UploadSettings(
        directory=tmp_path, allow_root_layer=True, omero_command=str(command), java_command=sys.executable
    )


def plan(number, path, data, **more):
    path.write_bytes(data)
    return SetPlan(number, f"m{number}", (SetFile(path.name, path, len(data), "", ""),), None, **more)


@contextlib.contextmanager
def connected(people):
    """Alice's connection by host and port, as the worker makes it."""
    conn = BlitzGateway("alice", PASSWORD, host="127.0.0.1", port=people.server.ports()["ssl"], secure=True)
    assert conn.connect()
    try:
        yield conn
    finally:
        conn.close()


def calls(settings):
    return [json.loads(line) for line in (settings.directory / "calls").read_text().splitlines()]


def test_a_batch_is_one_process_and_every_set_gets_its_own_images(people, settings, files, tmp_path):
    plans = [plan(number, tmp_path / f"c{number}.tif", files(600 + number)) for number in range(3)]
    plans.append(plan(3, tmp_path / "broken.tif", b"no TIFF"))
    with connected(people) as conn:
        results = {result.id: result for result in CliEngine(settings).run(conn, plans, Watch())}
        names = {
            number: conn.getObject("Image", results[number].image_ids[0]).getName() for number in range(3)
        }
    assert names == {0: "c0.tif", 1: "c1.tif", 2: "c2.tif"}
    assert "broken.tif" in results[3].message
    assert results[3].reason == "cli"
    (call,) = calls(settings)
    assert len(call["paths"]) == 4


def test_sets_of_other_targets_and_names_get_processes_of_their_own(people, settings, files, tmp_path):
    plans = [
        plan(0, tmp_path / "a%3A.tif", files(610), name="a:.tif"),
        plan(1, tmp_path / "b.tif", files(611)),
    ]
    with connected(people) as conn:
        results = {result.id: result for result in CliEngine(settings).run(conn, plans, Watch())}
        assert conn.getObject("Image", results[0].image_ids[0]).getName() == "a:.tif"
    assert [call["n"] for call in calls(settings)] == ["a:.tif", None]


def test_a_cancelled_job_ends_the_process_with_everything_it_started(people, settings, tmp_path):
    watch = Watch()
    plans = [plan(0, tmp_path / "sleep.tif", b"x")]
    ended: list[BaseException] = []

    def run(conn):
        try:
            list(CliEngine(settings).run(conn, plans, watch))
        except JobCancelledError as error:
            ended.append(error)

    with connected(people) as conn:
        thread = threading.Thread(target=run, args=(conn,))
        thread.start()
        wait_until((settings.directory / "calls").exists, "the command line running")
        watch.stopped.set()
        thread.join(30)
    assert len(ended) == 1
    left = subprocess.run(["pgrep", "-f", str(tmp_path / "sleep.tif")], capture_output=True, check=False)
    assert left.returncode == 1


def test_without_java_the_user_is_told_what_is_missing(people, settings, files, tmp_path):
    bare = dataclasses.replace(settings, java_command="/nowhere/java")
    assert "/nowhere/java is not installed" in cli_problem(bare)
    with connected(people) as conn:
        (result,) = CliEngine(bare).run(conn, [plan(0, tmp_path / "x.lif", b"x")], Watch())
    assert result.reason == "no_java"
    assert "/nowhere/java" in result.message


def test_the_engine_is_chosen_by_what_is_known_of_the_files(settings):
    known = UploadSet(kind="single", main="run/a.czi")
    unknown = UploadSet(kind="single", main="run/a.qqq")
    plate = UploadSet(kind="plate", main="run/index.qqq")
    assert [engine_for(settings, one) for one in (known, unknown, plate)] == ["api", "cli", "api"]
    bare = dataclasses.replace(settings, java_command="/nowhere/java")
    assert engine_for(bare, unknown) == "api"
    assert engine_for(dataclasses.replace(settings, engine="cli"), known) == "cli"


def test_an_interrupted_command_line_import_is_found_by_its_staged_path(people, settings, files, tmp_path):
    one = plan(0, tmp_path / "found.tif", files(620))
    with connected(people) as conn:
        (result,) = CliEngine(settings).run(conn, [one], Watch())
        found = find_by_paths(conn, [str(one.main.staged), "/nowhere/else.tif"])
    assert [made.image_ids for made in found[str(one.main.staged)]] == [result.image_ids]
    assert "/nowhere/else.tif" not in found
