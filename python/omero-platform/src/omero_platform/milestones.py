"""What was done once for a stack, so that later starts need not ask OMERO."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omero_platform.instance import Instance

DEMO_LOADED = "demo.loaded"
JOB_SERVICE_READY = "job-service.ready"


def reached(instance: Instance, milestone: str) -> bool:
    """Whether it was done."""
    return (instance.data / milestone).exists()


def reach(instance: Instance, milestone: str) -> None:
    """Note that it is done."""
    (instance.data / milestone).touch()
