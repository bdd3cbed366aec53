"""The Celery worker that runs the plugins' jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.services.omeroweb import plugin_environment, prepare_metrics
from omero_platform.supervisor import Program

if TYPE_CHECKING:
    from omero_platform.instance import Instance

APP = "omero_plugin_common.celery"


def prepare(instance: Instance, _service: str) -> None:
    """The worker shares its metrics with OMERO.web."""
    prepare_metrics(instance)


def program(instance: Instance, service: str) -> Program:
    """The worker process; a stopped worker finishes what it is doing."""
    celery = instance.service(service).celery
    command = instance.python(
        "celery", "--app", f"{APP}:app", "worker",
        "--queues", ",".join(celery.queues if celery else []),
        "--concurrency", "2", "--prefetch-multiplier", "1", "--loglevel", "info", "--hostname", f"{service}@localhost",
    )  # fmt: skip
    return Program(service, command, plugin_environment(instance), stop_seconds=60)


def register_scripts(instance: Instance, service: str) -> None:
    """Jobs run scripts of their plugins on the OMERO server; it must have them first."""
    from omero_platform.official_scripts import (  # noqa: PLC0415 - loads omero-py, which takes a while
        register_plugin_scripts,
    )

    register_plugin_scripts(instance, service)
