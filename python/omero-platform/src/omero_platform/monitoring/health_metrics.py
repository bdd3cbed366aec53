"""What the caretaker measures: health of every service, waiting tasks, rows to clean up, full disks, errors in logs."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg2
import redis

from omero_platform.health.checks import check
from omero_platform.monitoring.exposition import Family
from omero_platform.secret_files import secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from omero_platform.health.checks import Health
    from omero_platform.instance import Instance
    from omero_platform.maintenance.databases import DatabaseAddress

ROWS = """
SELECT coalesce(sum(n_live_tup), 0)::float, coalesce(sum(n_dead_tup), 0)::float,
       (SELECT max(age(datfrozenxid)) / 2147483648.0 FROM pg_database)::float
FROM pg_stat_user_tables
"""


def service_health(instance: Instance, names: Sequence[str]) -> list[Family]:
    """Whether each of these services answers the check that `stack.toml` names, and how long that took."""

    def timed(name: str) -> tuple[str, Health, float]:
        began = time.monotonic()
        return name, check(instance, name), time.monotonic() - began

    with ThreadPoolExecutor(max_workers=max(len(names), 1)) as pool:
        results = list(pool.map(timed, names))
    return [
        Family(
            "omero_service_up",
            "1 when the service answers its health check.",
            labels=("service",),
            samples={(name,): float(health.ok) for name, health, _seconds in results},
        ),
        Family(
            "omero_service_check_duration_seconds",
            "How long the health check took.",
            labels=("service",),
            samples={(name,): round(seconds, 4) for name, _health, seconds in results},
        ),
    ]


def queue_lengths(instance: Instance) -> list[Family]:
    """How many tasks wait in each of Celery's queues; none while Redis does not answer."""
    limits = instance.service("redis").redis
    celery = instance.service("worker").celery
    family = Family(
        "omero_celery_queue_length", "Tasks that wait for a worker.", labels=("queue",), samples={}
    )
    if limits is None or celery is None:
        return [family]
    client = redis.Redis(
        instance.host("redis"),
        instance.port("redis", "redis"),
        limits.celery_db,
        password=secret(instance, "redis"),
        socket_timeout=5,
        socket_connect_timeout=5,
    )
    try:
        for queue in celery.queues:
            family.samples[(queue,)] = float(client.llen(queue))
    except redis.RedisError:
        return []
    finally:
        client.close()
    return [family]


def database_rows(databases: Sequence[DatabaseAddress]) -> list[Family]:
    """Live and dead rows and used transaction ids of each database that answers."""
    live = Family("omero_database_live_rows", "Rows in use.", labels=("service",), samples={})
    dead = Family("omero_database_dead_rows", "Rows to clean up.", labels=("service",), samples={})
    used = Family(
        "omero_database_transaction_ids_used_ratio",
        "Share of the transaction ids in use; PostgreSQL refuses to write at 1.",
        labels=("service",),
        samples={},
    )
    for address in databases:
        try:
            connection = address.connect(statement_timeout="5s")
        except psycopg2.OperationalError:
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute(ROWS)
                values = cursor.fetchone()
        except psycopg2.Error:
            continue
        finally:
            connection.close()
        for family, value in zip((live, dead, used), values, strict=True):
            family.samples[(address.service,)] = round(float(value), 6)
    return [family for family in (live, dead, used) if family.samples]


def disk_use(folders: Mapping[str, Path]) -> list[Family]:
    """How full the disks are that hold these folders, by kind of folder."""
    used = Family("omero_path_bytes_used", "Bytes in use on its disk.", labels=("kind",), samples={})
    total = Family("omero_path_bytes_total", "Bytes of its disk.", labels=("kind",), samples={})
    ratio = Family("omero_path_used_ratio", "Share of its disk in use.", labels=("kind",), samples={})
    for kind, folder in folders.items():
        try:
            state = shutil.disk_usage(folder)
        except OSError:
            continue
        for family, value in (
            (used, float(state.used)),
            (total, float(state.total)),
            (
                ratio,
                round(state.used / max(state.used + state.free, 1), 4),
            ),  # as df: reserved blocks are no room
        ):
            family.samples[(kind,)] = value
    return [used, total, ratio]
