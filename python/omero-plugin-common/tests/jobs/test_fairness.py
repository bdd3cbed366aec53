"""Turns among users, with one worker and many waiting jobs."""

from __future__ import annotations

from dataclasses import replace

from omero_plugin_common.jobs import kinds, service
from omero_plugin_common.jobs.kinds import kind_named
from omero_plugin_common.jobs.leases import claim
from omero_plugin_common.models import Job
from omero_plugin_common.testing.example_plugin.models import Served
from omero_plugin_common.testing.servers import wait_until

from .helpers import ALICE, BOB, CAROL, wait_for_end


def test_a_hundred_jobs_of_alice_delay_bobs_first_by_two_steps_at_most(worker):
    for _ in range(100):
        service.submit("example.serve", ALICE, {"steps": 50, "seconds": 0.05})
    wait_until(lambda: Served.objects.count() > 5, "alice's first job being under way")
    bobs = service.submit("example.serve", BOB, {"steps": 3, "seconds": 0.05})
    before = Served.objects.filter(owner_id=ALICE.user_id).latest("id").id
    wait_until(lambda: Served.objects.filter(owner_id=BOB.user_id).exists(), "bob's first step")
    first = Served.objects.filter(owner_id=BOB.user_id).earliest("id").id
    between = Served.objects.filter(owner_id=ALICE.user_id, id__gt=before, id__lt=first).count()
    assert between <= 2
    assert wait_for_end(bobs.id).state == "done"
    Job.objects.filter(owner_id=ALICE.user_id).update(cancel_requested=True, state="cancelled")


def test_users_take_turns_and_each_users_jobs_come_in_order(plugin_database, redis_server):
    for owner in (ALICE, BOB, CAROL):
        for _ in range(2):
            service.submit("example.aside", owner, {"steps": 1})
    order = []
    while (claimed := claim("aside")) is not None:
        job, _lease = claimed
        order.append(job.username)
        Job.objects.filter(pk=job.id).update(state="done")
    assert order == ["alice", "bob", "carol", "alice", "bob", "carol"]


def test_two_workers_never_get_the_same_job(plugin_database, redis_server):
    service.submit("example.aside", ALICE, {"steps": 1})
    assert claim("aside") is not None
    assert claim("aside") is None


def test_a_user_with_a_running_job_lets_others_go_first(plugin_database, redis_server):
    for _ in range(3):
        service.submit("example.aside", ALICE, {"steps": 1})
    claim("aside")
    service.submit("example.aside", BOB, {"steps": 1})
    job, _lease = claim("aside")
    assert job.username == "bob"


def test_jobs_of_kinds_this_worker_does_not_know_wait(plugin_database, redis_server):
    Job.objects.create(kind="another.plugin", queue="aside", owner_id=ALICE.user_id, username="alice")
    assert claim("aside") is None


def test_a_kind_runs_no_more_at_once_than_it_may(plugin_database, redis_server, monkeypatch):
    narrow = replace(kind_named("example.aside"), max_running=1)
    monkeypatch.setitem(kinds._kinds, "example.aside", narrow)
    for owner in (ALICE, BOB):
        service.submit("example.aside", owner, {"steps": 1})
    first, _lease = claim("aside")
    assert claim("aside") is None
    Job.objects.filter(pk=first.id).update(state="done")
    assert claim("aside") is not None
