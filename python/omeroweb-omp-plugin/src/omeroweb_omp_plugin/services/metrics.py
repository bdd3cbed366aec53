"""Counting what jobs did; the shared library counts jobs and requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter as Metric

if TYPE_CHECKING:
    from collections import Counter

OBJECTS = Metric(
    "omero_omp_objects",
    "Images and datasets that jobs of the OMP plugin worked on, by result.",
    ["kind", "result"],
)


def count_objects(kind: str, counts: Counter[str]) -> None:
    """Add how the objects of one batch ended."""
    for result, number in counts.items():
        OBJECTS.labels(kind, result).inc(number)
