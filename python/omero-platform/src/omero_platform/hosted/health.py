"""Whether the container's own part is well: `python -m omero_platform.hosted health http 4090 /webgateway/`."""

from __future__ import annotations

import http.client
import time
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.health.ice import IceError, IceRouter
from omero_platform.hosted.environment import required, secret
from omero_platform.hosted.maintenance import ALIVE
from omero_platform.hosted.web import prepared
from omero_platform.instance import HOST

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_SECONDS = 8.0
LONGEST_TASK_SECONDS = 6 * 3600.0  # a REINDEX of a large database


def run(environ: dict[str, str], words: Sequence[str]) -> None:
    """Check; raises PlatformError when something is wrong."""
    kinds = {"http": http_page, "omero": omero_login, "celery": worker_ping, "maintenance": awake}
    if not words or words[0] not in kinds:
        raise PlatformError(f"Which kind of health? {', '.join(kinds)}.")
    kinds[words[0]](environ, list(words[1:]))


def http_page(_environ: dict[str, str], words: list[str]) -> None:
    """A page answers with success."""
    port, path = words
    connection = http.client.HTTPConnection(HOST, int(port), timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except OSError as error:
        raise PlatformError(f"Port {port} does not answer: {error}.") from error
    finally:
        connection.close()
    if status >= http.HTTPStatus.BAD_REQUEST:
        raise PlatformError(f"{path} answers {status}.")


def omero_login(environ: dict[str, str], words: list[str]) -> None:
    """Root can log in."""
    try:
        with IceRouter(HOST, int(words[0]), TIMEOUT_SECONDS) as router:
            router.log_in("root", secret(environ, "ROOTPASS"))
    except (OSError, IceError) as error:
        raise PlatformError(f"The OMERO API refuses a login: {error}.") from error


def worker_ping(environ: dict[str, str], _words: list[str]) -> None:
    """A worker answers over the broker."""
    from celery import Celery  # noqa: PLC0415 - costs half a second, and only this check needs it

    app = Celery(broker=prepared(environ)["OMERO_IMS_CELERY_BROKER_URL"])
    if not app.control.inspect(timeout=TIMEOUT_SECONDS / 2).ping():
        raise PlatformError("No worker answers.")


def awake(environ: dict[str, str], _words: list[str]) -> None:
    """The process that looks after the databases woke up lately, or is at work."""
    mark = Path(required(environ, "OMERO_CARE_METRICS_DIR")[0], ALIVE)
    if not mark.exists() or time.time() - mark.stat().st_mtime > LONGEST_TASK_SECONDS:
        raise PlatformError(
            f"{mark} is older than {LONGEST_TASK_SECONDS:.0f} s; the maintenance does not wake up."
        )
