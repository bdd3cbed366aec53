"""Putting together the metrics of OMERO.web's processes and the workers'."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import DatabaseError, connections
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.jobs.kinds import known_kinds
from omero_plugin_common.metrics.folder import MULTIPROCESS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

LIVE_GAUGE_FILE = re.compile(r"gauge_live\w*_(\d+)\.db")

OPEN_STATES = ("queued", "running")
OPEN_JOBS = """
SELECT kind, state, count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)
FROM plugin_jobs WHERE state IN ('queued', 'running') GROUP BY kind, state
"""


class OpenJobs(Collector):
    """Counts waiting and running jobs when asked."""

    def collect(self) -> Iterator[Metric]:
        count = GaugeMetricFamily("omero_plugin_jobs_open", "Jobs not ended yet.", labels=["kind", "state"])
        oldest = GaugeMetricFamily(
            "omero_plugin_jobs_oldest_seconds", "Age of the oldest such job.", labels=["kind", "state"]
        )
        up = GaugeMetricFamily("omero_plugin_database_up", "1 when the plugin database answers.")
        try:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute(OPEN_JOBS)
                rows = cursor.fetchall()
        except DatabaseError:
            connections[ALIAS].close()
            up.add_metric([], 0)
            yield up
            return
        # A kind without open jobs counts as none: a missing series would leave gaps in charts and alerts.
        found = {(kind, state): (0, 0.0) for kind in known_kinds() for state in OPEN_STATES}
        found |= {(kind, state): (number, float(age)) for kind, state, number, age in rows}
        for labels, (number, age) in sorted(found.items()):
            count.add_metric(labels, number)
            oldest.add_metric(labels, age)
        up.add_metric([], 1)
        yield from (count, oldest, up)


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(OpenJobs())
    folder = os.environ.get(MULTIPROCESS_VARIABLE)
    if folder:
        forget_dead_processes(Path(folder))
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(REGISTRY)


def forget_dead_processes(folder: Path) -> None:
    """Remove the gauges of processes that have ended; counters stay, so that totals never fall."""
    for path in folder.glob("gauge_live*.db"):
        found = LIVE_GAUGE_FILE.fullmatch(path.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            path.unlink(missing_ok=True)
