"""Counting jobs; labels are kinds and results, never users."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ENDED = Counter("omero_plugin_jobs", "Jobs that ended, by kind and result.", ["kind", "result"])
RETRIED = Counter("omero_plugin_job_retries", "Pauses of jobs because something outside was away.", ["kind"])
TAKEN_BACK = Counter("omero_plugin_jobs_taken_back", "Jobs taken back from workers that died.")
DURATION = Histogram(
    "omero_plugin_job_duration_seconds",
    "Time from a job's start to its end, waiting included.",
    ["kind"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 7200, 21600, 86400),
)


def ended(kind: str, result: str, seconds: float) -> None:
    ENDED.labels(kind, result).inc()
    DURATION.labels(kind).observe(seconds)


def retried(kind: str) -> None:
    RETRIED.labels(kind).inc()


def taken_back(count: int) -> None:
    TAKEN_BACK.inc(count)
