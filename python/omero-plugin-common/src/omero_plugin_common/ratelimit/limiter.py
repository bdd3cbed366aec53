"""A sliding window per user on Redis, exact among all processes, and safe when Redis has forgotten."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from omero_plugin_common.config import RateSettings, rate_settings
from omero_plugin_common.ratelimit.epoch import DatabaseEpochs, Epoch, EpochUnavailableError

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2
UNAVAILABLE_SECONDS = 10
KEY_PREFIX = "omp_rate_limit:"

# Redis decides alone and at once: is this the Redis process whose memory is trusted, is the user blocked, how many
# actions lie in the window. Times are Redis' own, in milliseconds. Returns {verdict, milliseconds to wait, left, run id}.
SCRIPT = """
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if run_id ~= ARGV[1] then return {'unknown', 0, 0, run_id} end
if now < tonumber(ARGV[2]) then return {'wait', tonumber(ARGV[2]) - now, 0, run_id} end
local limit, window, block = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local blocked = redis.call('PTTL', KEYS[2])
if blocked > 0 then return {'blocked', blocked, 0, run_id} end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local used = redis.call('ZCARD', KEYS[1])
if used >= limit then
  redis.call('SET', KEYS[2], '1', 'PX', block)
  return {'blocked', block, 0, run_id}
end
redis.call('ZADD', KEYS[1], now, ARGV[6])
redis.call('PEXPIRE', KEYS[1], window)
return {'granted', 0, limit - used - 1, run_id}
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action may start now; if not, in how many seconds to try again and why, for the user."""

    allowed: bool
    retry_after_seconds: int = 0
    remaining: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted together, and how many times the actions of a window it may be."""

    name: str
    times: int
    what: str


MAJOR = Counter("actions", 1, "You may start {limit} actions in {window} seconds.")
# Looking something up elsewhere costs less than an action, and must not use up what actions may be.
LOOKUPS = Counter("lookups", 5, "You may ask outside services {limit} times in {window} seconds.")


class Epochs(Protocol):
    """Remembers, outside Redis, which Redis process was trusted and when it last granted something."""

    def trusted(self) -> Epoch | None:
        """Return the trusted Redis process, after noting that it may grant actions now."""

    def adopt(self, run_id: str, window_seconds: float) -> Epoch:
        """Trust another Redis process, after the window in which a forgotten grant may lie."""


class RateLimiter:
    """Grants at most `actions` per user, window and counter; one more blocks the user there for a while."""

    def __init__(self, client: Redis, epochs: Epochs, settings: RateSettings) -> None:
        self._script = client.register_script(SCRIPT)
        self._epochs = epochs
        self._settings = settings

    def acquire(self, user_id: int, counter: Counter = MAJOR) -> Verdict:
        """Count one action of the user; a limiter that can't count refuses."""
        try:
            return self._acquire(user_id, counter)
        except (RedisError, EpochUnavailableError, OSError) as error:
            logger.warning("rate_limiter_unavailable reason=%s", error)
            return Verdict(
                allowed=False,
                retry_after_seconds=UNAVAILABLE_SECONDS,
                message=f"The platform can't count actions just now. Try again in {UNAVAILABLE_SECONDS} seconds.",
            )

    def _acquire(self, user_id: int, counter: Counter) -> Verdict:
        epoch = self._epochs.trusted()
        kind, wait, left, run_id = self._ask(user_id, counter, epoch)
        if kind == "unknown":
            epoch = self._epochs.adopt(run_id, self._settings.window_seconds)
            kind, wait, left, run_id = self._ask(user_id, counter, epoch)
        if kind == "granted":
            return Verdict(allowed=True, remaining=left)
        seconds = max(1, math.ceil(wait / 1000))
        return Verdict(
            allowed=False, retry_after_seconds=seconds, message=self._message(kind, counter, seconds)
        )

    def _ask(self, user_id: int, counter: Counter, epoch: Epoch | None) -> tuple[str, int, int, str]:
        wanted = self._settings
        block = "block" if counter is MAJOR else f"{counter.name}:block"
        keys = [f"{KEY_PREFIX}{{{user_id}}}:{counter.name}", f"{KEY_PREFIX}{{{user_id}}}:{block}"]
        arguments = [
            epoch.run_id if epoch else "",
            _milliseconds(epoch.accept_after) if epoch else 0,
            wanted.actions * counter.times,
            wanted.window_seconds * 1000,
            wanted.block_seconds * 1000,
            uuid4().hex,
        ]
        kind, wait, left, run_id = self._script(keys=keys, args=arguments)
        return kind.decode(), int(wait), int(left), run_id.decode()

    def _message(self, kind: str, counter: Counter, seconds: int) -> str:
        if kind == "blocked":
            wanted = self._settings
            limit = wanted.actions * counter.times
            what = counter.what.format(limit=limit, window=wanted.window_seconds)
            return f"{what} Try again in {seconds} seconds."
        return f"The platform was just restarted and counts actions afresh. Try again in {seconds} seconds."


def rate_limiter() -> RateLimiter:
    """Return a limiter on the configured Redis; its connections are shared by all threads of the process."""
    if not _limiters:
        settings = rate_settings()
        client = Redis.from_url(
            settings.redis_url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            # An action that was counted but whose answer was lost must not be counted twice by a retry.
            retry=Retry(NoBackoff(), 0),
        )
        _limiters.append(RateLimiter(client, DatabaseEpochs(), settings))
    return _limiters[0]


_limiters: list[RateLimiter] = []


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
