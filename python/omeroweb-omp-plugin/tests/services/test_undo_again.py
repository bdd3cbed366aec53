"""Taking a job back once more, after the first try was stopped."""

from __future__ import annotations

import pytest

from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs import service
from omero_plugin_common.jobs.context import JobContext
from omero_plugin_common.jobs.errors import JobCancelledError
from omero_plugin_common.jobs.leases import claim
from omero_plugin_common.jobs.runner import run_turn
from omero_plugin_common.models import Job
from omeroweb_omp_plugin.merge.model import Policy
from omeroweb_omp_plugin.services import runs
from omeroweb_omp_plugin.services.executor import Executor
from omeroweb_omp_plugin.services.sources import Source
from omeroweb_omp_plugin.services.starting import start_removal, start_undo, start_write

from ..helpers import LateSave, annotate, dataset_with_images, pairs_on

PAIRS = [("Dose", "5")]


@pytest.fixture
def owner(alice, plugin_database, shared_worker, nothing_saved_late):
    """Alice, whose jobs run only when a test gives them a turn."""
    shared_worker.stop()
    return Owner(alice.getUserId(), "alice")


@pytest.fixture
def removal(owner, alice):
    """A job of alice's that took pairs off two images; returns it and the images."""
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    for number in ids:
        annotate(alice, number, PAIRS)
    job = start_removal(owner, [Source(number, "", "", owner.user_id, 0) for number in ids], everybodys=True)
    take_turn()
    assert [pairs_on(alice, number) for number in ids] == [[], []]
    return Job.objects.get(pk=job.id), ids


def take_turn():
    """What a worker does with the next job; returns the job's row afterwards."""
    job, lease = claim("default")
    run_turn(job, lease, stop=lambda: False)
    return Job.objects.get(pk=job.id)


def cancelled_before(monkeypatch, place, name, job, owner):
    """Run the job, and cancel it when it calls the function."""

    def cancel(*_arguments):
        service.cancel(job, owner)
        raise JobCancelledError

    with monkeypatch.context() as patch:
        patch.setattr(place, name, cancel)
        assert take_turn().state == "cancelled"


def test_what_a_cancelled_undo_had_brought_back_is_not_brought_back_twice(monkeypatch, owner, alice, removal):
    job, ids = removal
    cancelled_before(monkeypatch, runs, "save", start_undo(owner, job), owner)
    assert [pairs_on(alice, number) for number in ids] == [[PAIRS]] * 2
    start_undo(owner, job)
    ended = take_turn()
    assert (ended.state, ended.result["counts"]) == ("done", {"written": 2})
    assert [pairs_on(alice, number) for number in ids] == [[PAIRS]] * 2


def test_what_omero_still_saves_for_a_cancelled_job_is_taken_back_too(monkeypatch, owner, alice):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    job = start_write(owner, [("Image", number, "", (("Dose", "5"),), "") for number in ids], Policy.MERGE)
    cancelled_before(monkeypatch, Executor, "run", job, owner)
    late = LateSave(alice, job.id)
    monkeypatch.setattr(runs, "SAVING_SECONDS", 60)
    monkeypatch.setattr(JobContext, "wait", lambda _context, seconds: late.wait(seconds))
    start_undo(owner, job)
    assert take_turn().state == "done"
    late.wait()
    assert [pairs_on(alice, number) for number in ids] == [[], []]


def test_taking_back_twice_at_once_is_one_job(owner, removal):
    job, _ = removal
    assert start_undo(owner, job).id == start_undo(owner, job).id


def test_what_an_undo_left_over_is_taken_back_by_a_new_one(owner, removal):
    job, _ = removal
    first = start_undo(owner, job)
    assert take_turn().state == "done"
    assert start_undo(owner, job).id != first.id
