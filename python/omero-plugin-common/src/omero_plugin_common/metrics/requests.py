"""Counting and timing the plugins' requests."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus_client import Counter, Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REQUESTS = Counter(
    "omero_plugin_requests", "Requests to plugins, by view and status.", ["plugin", "view", "status"]
)
SECONDS = Histogram(
    "omero_plugin_request_duration_seconds",
    "Time plugins took to answer.",
    ["plugin", "view"],
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


@dataclass(slots=True)
class Outcome:
    """How a request ended."""

    status: int = 500


@contextmanager
def timed(view: Callable[..., Any]) -> Iterator[Outcome]:
    """Measure one request of a view."""
    plugin = view.__module__.partition(".")[0]
    outcome = Outcome()
    began = time.perf_counter()
    try:
        yield outcome
    finally:
        REQUESTS.labels(plugin, view.__name__, str(outcome.status)).inc()
        SECONDS.labels(plugin, view.__name__).observe(time.perf_counter() - began)
