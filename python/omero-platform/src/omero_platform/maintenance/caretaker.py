"""The process that runs tasks on schedule and tells Prometheus how the stack is."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from omero_platform.instance import HOST
from omero_platform.maintenance.databases import databases_of
from omero_platform.maintenance.scheduler import scheduler_of
from omero_platform.monitoring.exposition import exposition
from omero_platform.monitoring.health_metrics import database_rows, disk_use, queue_lengths, service_health
from omero_platform.monitoring.log_errors import LogErrors
from omero_platform.services.registry import running_services

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_platform.instance import Instance
    from omero_platform.monitoring.exposition import Family

MEASURE_SECONDS = 5.0
TICK_SECONDS = 15.0
STALE_SECONDS = 90.0  # without a measurement: something hangs, and old figures would lie
PATHS = {"omero_data": "omeroserver", "database_main": "database", "database_plugin": "database_plugin"}
"""The kinds of folders whose disk is watched, and where they are below the data folder."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Figures:
    """The latest measurement."""

    text: str = ""
    measured: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, families: list[Family]) -> None:
        """Replace the figures."""
        text = exposition(families)
        with self.lock:
            self.text, self.measured = text, time.monotonic()

    def get(self) -> str | None:
        """The figures, unless they are too old to be true."""
        with self.lock:
            return self.text if self.text and time.monotonic() - self.measured < STALE_SECONDS else None


def measure(instance: Instance, logs: LogErrors) -> list[Family]:
    """Everything the caretaker knows."""
    return [
        *service_health(instance, [name for name in running_services(instance) if name != "caretaker"]),
        *queue_lengths(instance),
        *database_rows(databases_of(instance)),
        *disk_use({kind: instance.data / folder for kind, folder in PATHS.items()}),
        *logs.look(),
    ]


def measure_for_ever(measurement: Callable[[], list[Family]], figures: Figures) -> None:
    """Measure again and again."""
    while True:
        try:
            figures.put(measurement())
        except Exception:  # noqa: BLE001 - a thread's edge: what fails once may work the next time
            print(f"measuring failed:\n{traceback.format_exc()}", flush=True)  # noqa: T201
        time.sleep(MEASURE_SECONDS)


def handler(figures: Figures) -> type[BaseHTTPRequestHandler]:
    """The two pages: metrics, and whether there are any."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = figures.get()
            if self.path not in {"/metrics", "/healthy"}:
                self._answer(404, "There are /metrics and /healthy.\n")
            elif text is None:
                self._answer(503, "Nothing has been measured lately.\n")
            else:
                self._answer(200, text if self.path == "/metrics" else "ok\n")

        def _answer(self, status: int, text: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Prometheus asks every few seconds; that need not be in the log."""

    return Pages


def start_pages(address: tuple[str, int], measurement: Callable[[], list[Family]]) -> None:
    """Measure and show the figures, in threads that end with the process; raises OSError when the port is taken."""
    figures = Figures()
    server = ThreadingHTTPServer(address, handler(figures))
    for work in (server.serve_forever, lambda: measure_for_ever(measurement, figures)):
        threading.Thread(target=work, daemon=True).start()


def serve(instance: Instance) -> None:
    """Serve the figures and run what is due, until the process is told to end."""
    logs = LogErrors(instance)
    start_pages((HOST, instance.port("caretaker", "http")), lambda: measure(instance, logs))
    scheduler = scheduler_of(instance, time.time)
    while True:
        try:
            scheduler.tick()
        except OSError as error:
            print(f"scheduling failed, trying again: {error}", flush=True)  # noqa: T201
        time.sleep(TICK_SECONDS)
