"""Jobs run by a real worker, from start to end."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import timedelta
from threading import Semaphore

import pytest
from django.utils import timezone

from omero_plugin_common.jobs import drain, kinds, progress, service, watcher
from omero_plugin_common.jobs.errors import JobCancelledError, JobLimitError, JobStateError, LeaseLostError
from omero_plugin_common.jobs.kinds import Step, kind_named
from omero_plugin_common.jobs.leases import cancel_was_requested, claim
from omero_plugin_common.jobs.runner import run_turn
from omero_plugin_common.models import FINISHED, AuditEntry, Job
from omero_plugin_common.testing.servers import wait_until

from .helpers import ALICE, BOB, row, wait_for_end


def test_a_job_runs_to_its_end_and_shows_its_result(worker):
    job = service.submit("example.count", ALICE, {"steps": 20})
    ended = wait_for_end(job.id)
    assert (ended.state, ended.done, ended.total) == ("done", 20, 20)
    wait_until(lambda: progress.read(job.id).state == "done", "the progress file showing the end")
    assert progress.read(job.id).result == {"counted": 20}


def test_bad_parameters_are_refused_before_anything_is_queued(plugin_database, redis_server):
    with pytest.raises(ValueError, match="steps"):
        service.submit("example.count", ALICE, {"steps": -1})
    assert Job.objects.count() == 0


def test_sending_the_same_job_twice_starts_it_once(plugin_database, redis_server):
    first = service.submit("example.aside", ALICE, {"steps": 1}, idempotency_key="click-1")
    again = service.submit("example.aside", ALICE, {"steps": 1}, idempotency_key="click-1")
    bobs = service.submit("example.aside", BOB, {"steps": 1}, idempotency_key="click-1")
    assert first.id == again.id != bobs.id


def test_a_user_may_not_queue_without_end(plugin_database, redis_server):
    for _ in range(200):
        Job.objects.create(kind="example.aside", owner_id=ALICE.user_id, username="alice")
    with pytest.raises(JobLimitError, match="200 unfinished jobs"):
        service.submit("example.aside", ALICE, {"steps": 1})
    assert service.submit("example.aside", BOB, {"steps": 1}).state == "queued"


@pytest.mark.parametrize("how", ["polite", "python", "program", "stubborn"])
def test_cancel_really_stops_within_two_seconds(worker, how):
    # Up to three tries: a machine that stalls for a moment says nothing about the engine.
    assert any(seconds_to_cancel(how) < 2.0 for _ in range(3))
    follower = service.submit("example.count", BOB, {"steps": 1})
    assert wait_for_end(follower.id).state == "done", "the worker serves others after a cancelled job"


def seconds_to_cancel(how):
    job = service.submit("example.sleep", ALICE, {"how": how})
    wait_until(lambda: row(job.id).message == "Sleeping" or row(job.id).state == "running", "the job running")
    wait_until(lambda: (progress.read(job.id) or job).message == "Sleeping", "the long step's start")
    began = time.monotonic()
    service.cancel(row(job.id), ALICE)
    ended = wait_for_end(job.id, timeout=60)
    seconds = time.monotonic() - began
    assert ended.state == "cancelled"
    return seconds


def test_a_waiting_job_that_left_something_running_ends_it_when_cancelled(worker, tmp_path):
    (tmp_path / "running").touch()
    pausing = Job.objects.create(
        kind="example.outside",
        owner_id=ALICE.user_id,
        username="alice",
        parameters={"steps": 1, "folder": str(tmp_path)},
        checkpoint={"begun": True},
        run_after=timezone.now() + timedelta(hours=1),
    )
    assert service.cancel(pausing, ALICE).state == "queued"
    assert wait_for_end(pausing.id).state == "cancelled"
    assert not (tmp_path / "running").exists()


def test_what_a_cancelled_job_left_running_is_ended_by_the_next_worker_when_the_first_is_too_slow(
    worker, tmp_path
):
    for name in ("running", "slow"):
        (tmp_path / name).touch()
    job = service.submit("example.outside", ALICE, {"steps": 1, "folder": str(tmp_path)})
    wait_until(lambda: (progress.read(job.id) or job).done == 1, "it running elsewhere")
    service.cancel(row(job.id), ALICE)
    wait_until(lambda: row(job.id).claims == 2 or row(job.id).state in FINISHED, "the first worker's end")
    (tmp_path / "slow").unlink()
    assert wait_for_end(job.id).state == "cancelled"
    assert not (tmp_path / "running").exists()


def test_whoever_takes_up_a_cancelled_job_has_the_time_to_end_what_it_left_running(
    plugin_database, redis_server, monkeypatch
):
    looked, ended = Semaphore(0), []

    def look(lease):
        looked.release()
        return cancel_was_requested(lease)

    def slow(_context):
        for _ in range(4):
            assert looked.acquire(timeout=30)
        ended.append("what it left running")
        yield Step(1)

    monkeypatch.setattr(watcher, "cancel_was_requested", look)
    kind = replace(kind_named("example.outside"), queue="aside", run=slow)
    monkeypatch.setitem(kinds._kinds, kind.name, kind)
    job = service.submit(kind.name, ALICE, {"steps": 1})
    Job.objects.filter(pk=job.id).update(checkpoint={"begun": True})
    service.cancel(job, ALICE)
    claimed, lease = claim("aside")
    run_turn(claimed, lease, stop=lambda: False)
    assert (ended, row(job.id).state) == (["what it left running"], "cancelled")


def test_a_waiting_job_is_cancelled_at_once(plugin_database, redis_server):
    job = service.submit("example.aside", ALICE, {"steps": 1})
    assert service.cancel(job, ALICE).state == "cancelled"
    with pytest.raises(JobStateError, match="ended already"):
        service.cancel(row(job.id), ALICE)


def test_a_failed_job_says_why_in_its_own_words(worker):
    job = service.submit("example.fail", ALICE, {"how": "message"})
    ended = wait_for_end(job.id)
    assert (ended.state, ended.error) == ("failed", "Dataset 5 is gone. Choose another one.")


def test_an_unexpected_fault_shows_a_reference_and_no_details(worker):
    job = service.submit("example.fail", ALICE, {"how": "surprise"})
    ended = wait_for_end(job.id)
    assert ended.state == "failed"
    assert "secret detail" not in ended.error
    wait_until(lambda: ended.reference in worker.log.read_text(), "the log naming the reference")


def test_a_failed_job_continues_where_it_was_when_started_again(worker, tmp_path):
    healed = tmp_path / "healed"
    job = service.submit("example.fail", ALICE, {"how": "message", "healed": str(healed)})
    wait_for_end(job.id)
    healed.touch()
    service.retry(row(job.id), ALICE)
    ended = wait_for_end(job.id)
    assert (ended.state, ended.done, ended.result) == ("done", 2, {"healed": True})


def test_an_unavailable_service_is_tried_again_after_a_pause(worker, tmp_path):
    healed = tmp_path / "healed"
    job = service.submit("example.fail", ALICE, {"how": "later", "healed": str(healed)})
    wait_until(lambda: row(job.id).attempts == 1, "the first attempt")
    waiting = row(job.id)
    assert waiting.state == "queued"
    assert waiting.message == "The archive is closed just now."
    healed.touch()
    ended = wait_for_end(job.id)
    assert ended.state == "done"
    assert (ended.finished_at - waiting.run_after).total_seconds() >= 0


def test_a_job_that_kills_its_worker_again_and_again_is_given_up(worker):
    job = service.submit("example.crash", ALICE, {})
    ended = wait_for_end(job.id)
    assert ended.state == "failed"
    assert "3 times in a row" in ended.error


def test_an_orderly_stop_hands_the_job_to_the_next_worker(worker):
    job = service.submit("example.count", ALICE, {"steps": 60, "seconds": 0.05})
    wait_until(lambda: row(job.id).done > 3, "the job being under way")
    worker.stop()
    waiting = row(job.id)
    assert waiting.state == "queued"
    worker.start()
    ended = wait_for_end(job.id)
    assert (ended.state, ended.done) == ("done", 60)


def test_destructive_jobs_leave_a_trail(worker):
    job = service.submit("example.fail", ALICE, {"how": "message"})
    wait_for_end(job.id)
    trail = list(
        AuditEntry.objects.filter(job_id=job.id).order_by("id").values_list("actor_name", "action", "outcome")
    )
    assert trail == [("alice", "example.fail", "requested"), ("alice", "example.fail", "failed")]


def test_a_job_goes_on_at_once_when_only_the_workers_main_process_was_killed(worker):
    job = service.submit("example.count", ALICE, {"steps": 60, "seconds": 0.05})
    wait_until(lambda: row(job.id).done > 3, "the job being under way")
    worker.kill_parent_only()
    worker.start()
    assert wait_for_end(job.id, timeout=10).done == 60


def test_a_job_that_takes_too_long_is_ended_and_says_so(worker):
    job = service.submit("example.overdue", ALICE, {})
    ended = wait_for_end(job.id, timeout=15)
    assert ended.state == "failed"
    assert "took longer than its kind may" in ended.error


@pytest.mark.parametrize(("error", "state"), [(LeaseLostError, "running"), (JobCancelledError, "cancelled")])
def test_a_step_that_cannot_be_stopped_ends_its_process_but_only_a_cancelled_job(
    plugin_database, redis_server, monkeypatch, error, state
):
    class ProcessEnded(BaseException):
        pass

    def end(_status):
        raise ProcessEnded

    monkeypatch.setattr(os, "_exit", end)
    service.submit("example.count", ALICE, {"steps": 1})
    job, lease = claim("default")
    with pytest.raises(ProcessEnded):
        drain._exit_process(job, lease, error("The database was silent."))
    assert row(job.id).state == state
