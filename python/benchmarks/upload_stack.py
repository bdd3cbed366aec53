"""A whole stack for the upload benchmarks: PostgreSQL, Redis, embedded OMERO, OMERO.web, a worker; on free ports."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero_plugin_common.testing.servers import temporary_folder

STAGING = temporary_folder("omero-upload-benchmark-")
os.environ["OMERO_WEB_UPLOAD_DIR"] = str(STAGING)
os.environ["OMERO_WEB_UPLOAD_ALLOW_ROOT_LAYER"] = "true"
os.environ["OMERO_WEB_UPLOAD_KEEP_FREE_BYTES"] = "0"

from omero_plugin_common.testing.environment import prepare_django  # noqa: E402

ENVIRONMENT = prepare_django("omeroweb_upload")

from omero_embedded.testing import PASSWORD, spawn  # noqa: E402
from omero_embedded.testing_lab import Lab  # noqa: E402
from omero_plugin_common.testing.people import introduce_to_jobs  # noqa: E402
from omero_plugin_common.testing.web import WebProcess  # noqa: E402
from omero_plugin_common.testing.worker import WorkerProcess  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

BASE = "/omeroweb_upload"
USER = "root-of-the-lab"


@dataclass(frozen=True)
class Stack:
    """Where everything is."""

    web: WebProcess
    http: httpx.Client
    omero_address: str


def make_people(address: str) -> None:
    """One user and the job-service account with only Sudo."""
    lab = Lab(address)
    lab.group("lab", "rw----", USER)
    lab.administrator("job-service", "Sudo")


@contextmanager
def stack(*, worker: bool) -> Iterator[Stack]:
    """Start everything, log a user in, and stop it all again."""
    from omero_plugin_common.database.migrate import migrate_plugin_database

    folder = ENVIRONMENT.folder / "omero-data"
    folder.mkdir()
    started: list[Any] = []
    try:
        ENVIRONMENT.postgres.create()
        for server in (ENVIRONMENT.postgres, ENVIRONMENT.redis):
            server.start()
            started.append(server.stop)
        ENVIRONMENT.postgres.create_database()
        migrate_plugin_database()
        process, tcp, ssl_port = _omero(folder)
        started.append(process.kill)
        make_people(tcp)
        introduce_to_jobs(int(ssl_port), PASSWORD, ENVIRONMENT.folder)
        web = WebProcess(ENVIRONMENT, "127.0.0.1", int(ssl_port))
        web.start()
        started.append(web.kill)
        if worker:
            celery = WorkerProcess(ENVIRONMENT.folder / "worker.log")
            celery.start()
            started.append(celery.stop)
        yield Stack(web, web.login(USER, PASSWORD), tcp)
    finally:
        for stop in reversed(started):
            stop()
        shutil.rmtree(STAGING, ignore_errors=True)


def _omero(folder: Any) -> tuple[Any, str, str]:
    """The embedded OMERO in a process of its own, as on a real machine; with its SSL port."""
    process, tcp = spawn(folder)
    import psutil

    ports = {
        str(one.laddr.port)
        for one in psutil.Process(process.pid).net_connections(kind="tcp")
        if one.status == psutil.CONN_LISTEN
    }
    ssl_port = next(port for port in ports if port != tcp.rpartition(":")[2])
    return process, tcp, ssl_port
