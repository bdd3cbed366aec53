"""Housekeeping: lost jobs, late files, old rows."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from omero_plugin_common.jobs import progress, service
from omero_plugin_common.jobs.leases import claim, orphans, take_back
from omero_plugin_common.jobs.sweep import prune, refresh_progress
from omero_plugin_common.models import AuditEntry, Job

from .helpers import ALICE, row


def aside(steps=1):
    return service.submit("example.aside", ALICE, {"steps": steps})


def test_a_running_job_with_a_live_worker_is_left_alone(plugin_database, redis_server):
    aside()
    claim("aside")
    assert orphans() == []


def test_a_silent_workers_job_goes_back_to_the_queue(plugin_database, redis_server):
    job = aside()
    claim("aside")
    Job.objects.filter(pk=job.id).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert take_back(orphans()) == 1
    assert row(job.id).state == "queued"


def test_a_dead_workers_job_goes_back_without_waiting_for_the_lease(plugin_database, redis_server):
    job = aside()
    claim("aside")
    host_and_namespace = row(job.id).leased_by.rsplit("/", 2)[0]
    Job.objects.filter(pk=job.id).update(leased_by=f"{host_and_namespace}/999999/123")
    assert take_back(orphans()) == 1


def test_a_job_that_was_being_cancelled_when_its_worker_died_ends_cancelled(plugin_database, redis_server):
    job = aside()
    claim("aside")
    service.cancel(row(job.id), ALICE)
    Job.objects.filter(pk=job.id).update(lease_until=timezone.now() - timedelta(seconds=1))
    take_back(orphans())
    assert row(job.id).state == "cancelled"


def test_an_end_that_only_reached_the_database_is_shown_by_the_next_sweep(plugin_database, redis_server):
    job = aside()
    Job.objects.filter(pk=job.id).update(state="done", finished_at=timezone.now(), claims=3)
    refresh_progress()
    assert progress.read(job.id).state == "done"


def test_old_jobs_files_and_trails_are_pruned_and_young_ones_stay(plugin_database, redis_server):
    old, young, waiting = aside(), aside(), aside()
    long_ago = timezone.now() - timedelta(days=31)
    Job.objects.filter(pk=old.id).update(state="done", finished_at=long_ago)
    Job.objects.filter(pk=young.id).update(state="done", finished_at=timezone.now())
    AuditEntry.objects.create(
        actor_id=1, actor_name="alice", action="x", outcome="done", at=timezone.now() - timedelta(days=800)
    )
    assert prune() == 1
    assert set(Job.objects.values_list("id", flat=True)) == {young.id, waiting.id}
    assert progress.read(old.id) is None
    assert progress.read(young.id) is not None
    assert AuditEntry.objects.count() == 0


def test_a_chore_is_done_when_it_is_due_and_a_failing_one_stops_no_other(caplog):
    from omero_plugin_common.jobs import sweep

    done = []
    try:

        @sweep.chore(lambda: 0.0)
        def broken():
            raise KeyError("a plugin's fault")

        @sweep.chore(lambda: 3600.0)
        def hourly():
            done.append("hourly")

        sweep.do_chores()
        sweep.do_chores()
    finally:
        for name in [name for name in sweep._chores if "test_a_chore" in name]:
            del sweep._chores[name]
    assert done == ["hourly"]
    assert caplog.text.count("chore_failed") == 2
