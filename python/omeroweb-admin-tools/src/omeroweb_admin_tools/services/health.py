"""How every service of the stack is, and why: all asked side by side, with an end to waiting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from omero_plugin_common.checks import network
from omero_plugin_common.checks.bounded import Bounded
from omero_plugin_common.checks.findings import Finding, Status, failed, passed
from omero_plugin_common.config import job_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_plugin_common.stackfile import StackPlace

HEALTH_SECONDS = 0.35
CHECK_SECONDS = 3.0
STATES = {Status.PASS: "up", Status.WARN: "warn", Status.FAIL: "down"}


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """One service: `state` is up, warn or down."""

    service: str
    title: str
    state: str
    reason: str
    advice: str
    milliseconds: float

    def as_json(self) -> dict[str, str | float]:
        return {
            "service": self.service,
            "title": self.title,
            "state": self.state,
            "reason": self.reason,
            "advice": self.advice,
            "milliseconds": round(self.milliseconds, 1),
        }


_board = Bounded()


def service_health(
    place: StackPlace, seconds: float = HEALTH_SECONDS, board: Bounded = _board
) -> list[ServiceHealth]:
    """Return the health of all services after at most `seconds`, in the order of the stack's description.

    A service that has not answered by then is in doubt (warn), and down once it exceeds what its check allows.
    """
    checks = {name: check_of(place, name) for name in place.services}
    found = board.run(checks, seconds, patience=CHECK_SECONDS)
    return [
        ServiceHealth(
            service=name,
            title=place.services[name].title,
            state=STATES[timed.finding.status],
            reason=timed.finding.summary,
            advice=timed.finding.advice,
            milliseconds=timed.milliseconds,
        )
        for name, timed in found.items()
    ]


def check_of(place: StackPlace, name: str) -> Callable[[], Finding]:
    """Return the quick check of a service, by the kind of its health check."""
    service = place.services[name]
    if service.health_kind == "celery":
        return worker_answers
    if service.health_kind == "redis":
        return partial(network.redis_ping, job_settings().broker_url, CHECK_SECONDS)
    host, port = place.address(name)
    if service.health_kind == "http":
        return partial(network.http_get, f"http://{host}:{port}{service.health_path}", CHECK_SECONDS)
    return partial(network.tcp, host, port, CHECK_SECONDS)


def worker_answers(seconds: float = 2.0) -> Finding:
    """Whether a Celery worker takes messages from the queue's Redis."""
    from celery import Celery  # noqa: PLC0415 - slow to load, and the page without it needs none

    app = Celery(broker=job_settings().broker_url)
    app.conf.broker_transport_options = {"socket_connect_timeout": seconds, "socket_timeout": seconds}
    try:
        answers = app.control.ping(timeout=0.25, limit=1) or app.control.ping(timeout=seconds, limit=1)
    except Exception as error:  # noqa: BLE001 - kombu raises whatever its transport does
        return failed(
            f"the queue can't be reached: {type(error).__name__}", "Check that Redis runs, then the worker."
        )
    finally:
        app.close()
    if not answers:
        return failed("no worker answers", "Start the worker, or look at its log.")
    return passed(f"{len(answers)} worker answers")
