"""A job of many steps while everything around it is killed at random."""

from __future__ import annotations

import random
import time

import pytest
from django.db import DatabaseError, connections

from omero_plugin_common.jobs import progress, service
from omero_plugin_common.models import FINISHED
from omero_plugin_common.testing.example_plugin.models import Applied
from omero_plugin_common.testing.servers import wait_until

from .helpers import ALICE, row


class Watch:
    """Polls a job's progress file as a browser would, and remembers whether it ever ran backwards."""

    def __init__(self, job_id):
        self.job_id = job_id
        self.seen = []

    def look(self):
        shown = progress.read(self.job_id)
        if shown is not None:
            self.seen.append(shown.done)

    def went_backwards(self):
        return [pair for pair in zip(self.seen, self.seen[1:], strict=False) if pair[1] < pair[0]]


def state_of(job_id):
    try:
        return row(job_id).state
    except DatabaseError:
        connections["plugins"].close()
        return None


def watch_for(watch, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        watch.look()
        time.sleep(0.01)


def disturb(kind, environment, worker, web):
    """Kill one thing as an accident would, and start it again as its supervisor would."""
    if kind == "worker":
        worker.kill()
        worker.start(wait=False)
    elif kind == "worker main process":
        worker.kill_parent_only()
        worker.start(wait=False)
    elif kind == "worker child":
        worker.kill_children()
    elif kind == "redis":
        environment.redis.kill()
        environment.redis.start()
    elif kind == "postgres":
        environment.postgres.kill()
        environment.postgres.start()
    elif kind == "web":
        web.kill()
        web.start(wait=False)


KINDS = ("worker", "worker main process", "worker child", "redis", "postgres")


def survive(environment, worker, web, *, rounds, steps, seconds, seed):
    chance = random.Random(seed)
    kinds = [*KINDS, "web"] if web is not None else list(KINDS)
    job = service.submit("example.count", ALICE, {"steps": steps, "seconds": seconds}, total=steps)
    watch = Watch(job.id)
    done_rounds = []
    for number in range(rounds):
        wait_until(lambda: state_of(job.id) is not None, "the database answering")
        if state_of(job.id) in FINISHED:
            break
        if not worker.running():
            worker.start(wait=False)
        watch_for(watch, chance.uniform(0.3, 2.5))
        kind = kinds[number % len(kinds)] if rounds <= len(kinds) else chance.choice(kinds)
        disturb(kind, environment, worker, web)
        done_rounds.append(kind)
    end = time.monotonic() + 900
    while state_of(job.id) not in FINISHED and time.monotonic() < end:
        if not worker.running():
            worker.start(wait=False)
        watch_for(watch, 0.1)
    ended = row(job.id)
    applied = Applied.objects.filter(job_id=job.id)
    assert ended.state == "done", ended.error
    assert (ended.done, ended.result) == (steps, {"counted": steps})
    assert applied.count() == steps
    assert not applied.exclude(times=1).exists()
    assert watch.went_backwards() == []
    wait_until(lambda: progress.read(job.id).state == "done", "the progress file showing the end")
    return done_rounds


@pytest.mark.parametrize("seed", [1])
def test_a_job_survives_the_death_of_everything_around_it(worker, environment, seed):
    """Each of worker, its main process, its child, Redis and PostgreSQL is killed once."""
    assert len(survive(environment, worker, None, rounds=5, steps=3000, seconds=0.001, seed=seed)) == 5


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_ten_thousand_steps_survive_fifty_kills(worker, environment, web):
    """Fifty rounds, OMERO.web among the victims."""
    rounds = survive(environment, worker, web, rounds=50, steps=10_000, seconds=0.01, seed=20)
    assert len(rounds) == 50
    assert set(rounds) == {*KINDS, "web"}
