"""A process killed between noting its plan, writing, and noting what was written: nothing becomes untakeable."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import omero.model
import pytest

from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs.context import JobContext
from omero_plugin_common.models import new_job_id
from omero_plugin_common.omero_access.deletion import delete
from omeroweb_omp_plugin.services import runs
from omeroweb_omp_plugin.services.runs import Batch, Item
from omeroweb_omp_plugin.services.undoing import UndoPlan
from omeroweb_omp_plugin.store.runs import WrittenObject

from ..helpers import LateSave, dataset_with_images, pairs_on
from ..killed_batch import PAIRS

pytestmark = pytest.mark.usefixtures("nothing_saved_late")
SCRIPT = Path(__file__).parents[1] / "killed_batch.py"


@pytest.fixture
def bob(people):
    """A session of his own for each test: what he may do is changed meanwhile."""
    with people.gateway("bob") as conn:
        yield conn


def killed(name, moment, ids):
    """Write to the images in a process that is killed at the moment; returns the job's id."""
    job_id = new_job_id()
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-W", "ignore", str(SCRIPT), name, job_id, moment, *map(str, ids)]
    ended = subprocess.run(command, env=environ, check=False, capture_output=True, text=True, timeout=180)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return job_id


def batch(conn, job_id, items, plan):
    context = JobContext(job_id, Owner(conn.getUserId(), conn.getUser().getName()), None, None, 0, 0, {})
    return Batch(context, conn, "Image", items, plan).run()


def carry_on(conn, job_id, ids):
    """What the worker does that takes the job over."""

    def plan(_item, _now):
        pytest.fail("what was noted is carried on, not planned again")

    return batch(conn, job_id, [Item(number, "", PAIRS) for number in ids], plan)


def undo(conn, job_id):
    undo_id = new_job_id()
    undoing = UndoPlan(job_id, conn.getUserId(), conn.getUser().getName())
    items = [item for _, item in undoing.listed()]
    undoing.load("Image", items)
    counts = batch(conn, undo_id, items, undoing.plan)
    undoing.note(undo_id, "Image", items)
    return counts


@contextmanager
def nobody_may_annotate(people):
    def change(text):
        with people.client("root") as root:
            admin = root.sf.getAdminService()
            admin.changePermissions(admin.lookupGroup("lab"), omero.model.PermissionsI(text))

    change("rwr---")
    try:
        yield
    finally:
        change("rwra--")


@contextmanager
def out_of_the_group(people, name, group):
    """Somebody is a member of another group only, and then again of this one."""
    people.group("elsewhere", "rw----", name)
    with people.client("root") as root:
        admin = root.sf.getAdminService()
        person, left = admin.lookupExperimenter(name), admin.lookupGroup(group)
        admin.removeGroups(person, [left])
        try:
            yield
        finally:
            admin.addGroups(person, [left])
            admin.setDefaultGroup(person, left)


def messages(job_id):
    return set(WrittenObject.objects.filter(job_id=job_id).values_list("state", "message"))


@pytest.mark.parametrize("moment", ["planned", "written"])
def test_whatever_the_moment_of_the_kill_the_job_ends_once_and_can_be_taken_back(
    alice, plugin_database, moment
):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    job_id = killed("alice", moment, ids)
    assert [len(pairs_on(alice, number)) for number in ids] == [int(moment == "written")] * 2
    assert carry_on(alice, job_id, ids) == {"written": 2}
    assert [pairs_on(alice, number) for number in ids] == [[list(PAIRS)]] * 2
    assert undo(alice, job_id) == {"written": 2}
    assert [pairs_on(alice, number) for number in ids] == [[]] * 2


def test_what_omero_still_saves_for_a_killed_worker_is_not_written_again(alice, plugin_database, monkeypatch):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    job_id = killed("alice", "planned", ids)
    late = LateSave(alice, job_id)
    monkeypatch.setattr(runs, "SAVING_SECONDS", 60)
    monkeypatch.setattr(JobContext, "wait", lambda _context, seconds: late.wait(seconds))
    assert carry_on(alice, job_id, ids) == {"written": 2}
    late.wait()
    assert [pairs_on(alice, number) for number in ids] == [[list(PAIRS)]] * 2


def test_a_job_that_nobody_carries_on_after_the_kill_can_be_taken_back_too(alice, plugin_database):
    _, ids = dataset_with_images(alice, ["a.tif"])
    job_id = killed("alice", "written", ids)
    assert undo(alice, job_id) == {"written": 1}
    assert pairs_on(alice, ids[0]) == []


def test_permission_lost_after_the_kill_keeps_what_is_needed_to_take_it_back(
    people, alice, bob, plugin_database
):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    job_id = killed("bob", "written", ids)
    with nobody_may_annotate(people), people.gateway("bob") as locked_out:
        assert carry_on(locked_out, job_id, ids) == {"failed": 2}
        assert messages(job_id) == {("failed", "You may no longer annotate it.")}
        assert pairs_on(alice, ids[0]) == [list(PAIRS)]
    with people.gateway("bob") as back:
        assert undo(back, job_id) == {"written": 2}
    assert [pairs_on(alice, number) for number in ids] == [[]] * 2


def test_an_image_out_of_sight_after_the_kill_stays_noted_until_it_is_seen_again(
    people, alice, bob, plugin_database
):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    job_id = killed("bob", "written", ids)
    with out_of_the_group(people, "bob", "lab"), people.gateway("bob") as blind:
        assert carry_on(blind, job_id, ids) == {"failed": 2}
        assert {state for state, _ in messages(job_id)} == {"planned"}
        assert all("can be taken back once you see it again" in text for _, text in messages(job_id))
    with people.gateway("bob") as back:
        assert undo(back, job_id) == {"written": 2}
    assert [pairs_on(alice, number) for number in ids] == [[]] * 2


def test_an_image_deleted_after_the_kill_fails_alone(alice, plugin_database):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    job_id = killed("alice", "planned", ids)
    delete(alice, "Image", ids[:1])
    assert carry_on(alice, job_id, ids) == {"failed": 1, "written": 1}
    assert undo(alice, job_id) == {"failed": 1, "written": 1}
    assert pairs_on(alice, ids[1]) == []
