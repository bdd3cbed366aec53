"""The limiter on a real Redis and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from redis import Redis

from omero_plugin_common.config import RateSettings
from omero_plugin_common.models import RateEpoch
from omero_plugin_common.ratelimit.epoch import DatabaseEpochs
from omero_plugin_common.ratelimit.limiter import LOOKUPS, RateLimiter
from omero_plugin_common.testing.servers import wait_until

ALICE = 2
BOB = 3


def limiter(environment, window=60, block=60):
    client = Redis.from_url(environment.redis.url(1), socket_timeout=2, socket_connect_timeout=2)
    settings = RateSettings(redis_url="", actions=6, window_seconds=window, block_seconds=block)
    return RateLimiter(client, DatabaseEpochs(), settings)


@pytest.fixture
def fresh(plugin_database, redis_server):
    Redis.from_url(redis_server.redis.url(1)).flushdb()
    return redis_server


def acquire_in_parallel(rate_limiter, count):
    def one(_number):
        try:
            return rate_limiter.acquire(ALICE)
        finally:
            connections["plugins"].close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.parametrize("round_number", range(5))
def test_of_fifty_parallel_actions_exactly_six_start(fresh, round_number):
    verdicts = acquire_in_parallel(limiter(fresh), 50)
    assert sum(verdict.allowed for verdict in verdicts) == 6


def test_the_seventh_action_is_told_when_to_try_again(fresh):
    rates = limiter(fresh)
    assert [rates.acquire(ALICE).remaining for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    refused = rates.acquire(ALICE)
    assert not refused.allowed
    assert 55 <= refused.retry_after_seconds <= 60
    assert f"Try again in {refused.retry_after_seconds} seconds" in refused.message


def test_alices_haste_does_not_slow_bob(fresh):
    rates = limiter(fresh)
    for _ in range(8):
        rates.acquire(ALICE)
    assert rates.acquire(BOB).allowed


def test_lookups_are_limited_too_and_take_nothing_from_actions(fresh):
    rates = limiter(fresh)
    assert [rates.acquire(ALICE, LOOKUPS).allowed for _ in range(31)] == [True] * 30 + [False]
    refused = rates.acquire(ALICE, LOOKUPS)
    assert "ask outside services 30 times in 60 seconds" in refused.message
    assert 55 <= refused.retry_after_seconds <= 60
    assert [rates.acquire(ALICE).allowed for _ in range(7)] == [True] * 6 + [False]
    assert rates.acquire(BOB, LOOKUPS).allowed


def test_after_the_block_actions_start_again(fresh):
    rates = limiter(fresh, window=1, block=1)
    for _ in range(7):
        rates.acquire(ALICE)
    wait_until(lambda: rates.acquire(ALICE).allowed, "the block's end", timeout=5)


def test_the_window_slides(fresh):
    rates = limiter(fresh, window=2, block=1)
    for _ in range(3):
        assert rates.acquire(ALICE).allowed
    keys = Redis.from_url(fresh.redis.url(1))
    name = next(keys.scan_iter("omp_rate_limit:*actions"))
    oldest = keys.zrange(name, 0, 0)[0]
    keys.zincrby(name, -2500, oldest)
    granted = [rates.acquire(ALICE).allowed for _ in range(5)]
    assert granted == [True, True, True, True, False]


def test_a_restarted_redis_lets_no_seventh_action_through(fresh):
    rates = limiter(fresh, window=3, block=3)
    assert sum(rates.acquire(ALICE).allowed for _ in range(4)) == 4
    fresh.redis.kill()
    down = rates.acquire(ALICE)
    assert not down.allowed
    assert "Try again in" in down.message
    fresh.redis.start()
    verdicts = acquire_in_parallel(rates, 50)
    assert not any(verdict.allowed for verdict in verdicts)
    assert all(1 <= verdict.retry_after_seconds <= 3 for verdict in verdicts)
    wait_until(lambda: rates.acquire(ALICE).allowed, "the end of the forgotten window", timeout=6)


def test_a_redis_restarted_long_after_the_last_action_is_trusted_at_once(fresh):
    rates = limiter(fresh)
    assert rates.acquire(ALICE).allowed
    long_ago = timezone.now() - timedelta(minutes=5)
    RateEpoch.objects.update(granted_until=long_ago, redis_run_id="an earlier process")
    adopted = DatabaseEpochs().adopt("the next process", 60)
    assert adopted.accept_after <= timezone.now()


def test_without_the_plugin_database_nothing_starts(fresh):
    rates = limiter(fresh)
    fresh.postgres.kill()
    try:
        assert not rates.acquire(ALICE).allowed
    finally:
        fresh.postgres.start()
        connections["plugins"].close()
    assert rates.acquire(ALICE).allowed
