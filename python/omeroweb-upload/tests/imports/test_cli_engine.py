"""Importing with OMERO's command line: one process per batch and target, its results read from OMERO."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import runpy
import shlex
import shutil
import signal
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
from omeroweb_upload.engines.cli import PLUGIN, CliEngine
from omeroweb_upload.engines.marking import find_by_paths
from omeroweb_upload.models import UploadSet

JAVA = Path(__file__).with_name("stand_in_java.py")
# The real command line, without its refusal to run as root.
OMERO = "import sys; from omero.cli import argv; sys.exit(argv())"


class Watch:
    """A job that may be cancelled."""

    def __init__(self):
        self.stopped = threading.Event()

    def check(self):
        if self.stopped.is_set():
            raise JobCancelledError("The job was cancelled.")


def script(path, *words):
    path.parent.mkdir(exist_ok=True)
    command = shlex.join([sys.executable, "-W", "ignore", *words])
    path.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(os.pathsep.join(filter(None, sys.path)))} exec {command} "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """OMERO's own command line, with something in the place of Java and its libraries."""
    (tmp_path / "run.py").write_text(OMERO)
    omero = script(tmp_path / "bin" / "omero", str(tmp_path / "run.py"))
    java = script(tmp_path / "bin" / "java", str(JAVA))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    monkeypatch.setenv("STAND_IN_CALLS", str(tmp_path / "calls"))
    jars = tmp_path / "jars"
    jars.mkdir()
    (jars / "importer.jar").touch()
    return UploadSettings(
        directory=tmp_path, allow_root_layer=True, omero_command=omero, java_command=java, cli_jars=str(jars)
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


@contextlib.contextmanager
def importing(people, settings, name):
    """A thread that imports a file over which the importer falls asleep; gives the session's key."""
    watch, plans = Watch(), [plan(0, settings.directory / name, b"x")]
    ended: list[BaseException] = []

    def run(conn):
        try:
            list(CliEngine(settings).run(conn, plans, watch))
        except JobCancelledError as error:
            ended.append(error)

    with connected(people) as conn:
        thread = threading.Thread(target=run, args=(conn,))
        thread.start()
        wait_until((settings.directory / "calls").exists, "the command line running", 120)
        try:
            yield conn.c.getSessionId()
        finally:
            watch.stopped.set()
            thread.join(60)
    assert len(ended) == 1


def processes():
    """The command line and the environment of each process that can be looked at, by number."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found[int(place.name)] = ((place / "cmdline").read_bytes(), (place / "environ").read_bytes())
    return found


def of_importer(settings):
    mark = f"STAND_IN_CALLS={settings.directory / 'calls'}".encode()
    return {number: line for number, (line, environ) in processes().items() if mark in environ}


def test_a_cancelled_job_ends_the_process_with_everything_it_started(people, settings):
    with importing(people, settings, "sleep.tif"):
        assert len(of_importer(settings)) >= 2, "OMERO's command line and Java"
    assert of_importer(settings) == {}


def test_no_command_line_shows_the_key_of_the_session(people, settings):
    with importing(people, settings, "sleep.tif") as key:
        shown = of_importer(settings)
        assert any(line.rstrip(b"\0").endswith(b".args") for line in shown.values()), "Java is not running"
        assert not [line for line, _ in processes().values() if key.encode() in line]


WORKER = """
import sys
from pathlib import Path
from omero.gateway import BlitzGateway
from omeroweb_upload.config import UploadSettings
from omeroweb_upload.engines.base import SetFile, SetPlan
from omeroweb_upload.engines.cli import CliEngine

password, port, folder, omero, java, jars = sys.argv[1:]
file = Path(folder, "sleep.tif")
file.touch()
settings = UploadSettings(directory=Path(folder), omero_command=omero, java_command=java, cli_jars=jars)
conn = BlitzGateway("alice", password, host="127.0.0.1", port=int(port), secure=True)
assert conn.connect()
watch = type("Watch", (), {"check": lambda self: None})()
list(CliEngine(settings).run(conn, [SetPlan(0, "m", (SetFile(file.name, file, 0, "", ""),), None)], watch))
"""


def test_java_does_not_outlive_a_worker_that_is_killed(people, settings):
    words = [PASSWORD, people.server.ports()["ssl"], settings.directory]
    words += [settings.omero_command, settings.java_command, settings.cli_jars]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    worker = subprocess.Popen([sys.executable, "-c", WORKER, *map(str, words)], env=environment)
    try:
        wait_until((settings.directory / "calls").exists, "Java running", 120)
        worker.kill()
        worker.wait()
        wait_until(lambda: not of_importer(settings), "the end of Java", 30)
    finally:
        worker.kill()
        for number in of_importer(settings):
            os.kill(number, signal.SIGKILL)


@pytest.mark.parametrize(
    "word", ["plain", "with blanks", 'quo"ted', "back\\slash", "new\nline", "#no comment", "é", ""]
)
def test_words_reach_java_as_they_are(tmp_path, word):
    if shutil.which("javac") is None:
        pytest.skip("the real launcher is needed to read what is written for it; no JDK is installed")
    (tmp_path / "Echo.java").write_text(
        "class Echo { public static void main(String[] words) throws Exception { for (String word : words) "
        '{ System.out.write(word.getBytes("UTF-8")); System.out.write(0); } System.out.flush(); } }'
    )
    subprocess.run(["javac", "Echo.java"], cwd=tmp_path, check=True)
    read = runpy.run_path(str(PLUGIN))["argument_file"]
    file = read(["Echo", word, "last"], str(tmp_path))
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    said = subprocess.run(
        ["java", "-cp", str(tmp_path), f"@{file}"], capture_output=True, check=True, env=environment
    )
    assert said.stdout.decode() == f"{word}\0last\0"


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
