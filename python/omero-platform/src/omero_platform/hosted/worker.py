"""The Celery worker of the plugins' jobs."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

from omero_platform.hosted.environment import required
from omero_platform.hosted.execute import become
from omero_platform.hosted.web import prepare_folder, prepared
from omero_platform.services.worker import APP

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Prepare, then become the worker."""
    told = prepared(environ)
    prepare_folder(told)
    become(command(told), told)


def command(told: dict[str, str]) -> list[str]:
    """Celery on the queues of this machine."""
    queues = told.get("OMERO_WORKER_QUEUES") or required(told, "OMERO_PLUGIN_JOB_QUEUES")[0]
    return [
        sys.executable, "-P", "-m", "celery", "--app", f"{APP}:app", "worker",
        "--queues", queues,
        "--concurrency", told.get("OMERO_IMS_CELERY_WORKER_CONCURRENCY", "2"),
        "--prefetch-multiplier", "1",
        "--loglevel", told.get("OMERO_IMS_CELERY_LOGLEVEL", "info"),
        "--hostname", f"worker@{socket.gethostname()}",
    ]  # fmt: skip
