"""Checks that the diagnostics page makes too: those of the shared library, on this stack."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omero_platform.doctor.findings import Finding, fine, problem, warning
from omero_platform.instance import HOST
from omero_platform.services.redis import redis_url
from omero_plugin_common.checks import machine, network
from omero_plugin_common.checks.bounded import Bounded
from omero_plugin_common.checks.findings import Finding as Found
from omero_plugin_common.checks.findings import Status

if TYPE_CHECKING:
    from omero_platform.instance import Instance

PATIENCE_SECONDS = 5.0


def shared_findings(instance: Instance) -> list[Finding]:
    """Certificate, Redis' memory and the disk of a running stack, side by side."""
    redis = instance.service("redis").redis
    ssl_port = instance.port("omeroserver", "ssl")
    checks = {
        "certificate": partial(network.certificate, HOST, ssl_port, PATIENCE_SECONDS),
        "redis": partial(
            network.redis_ping, redis_url(instance, redis.cache_db if redis else 0), PATIENCE_SECONDS
        ),
        "disk": partial(machine.disk, instance.data),
    }
    return [as_finding(timed.finding) for timed in Bounded().run(checks, 2 * PATIENCE_SECONDS).values()]


def as_finding(found: Found) -> Finding:
    """The same in the words of `doctor`."""
    if found.status is Status.PASS:
        return fine(found.summary)
    return (warning if found.status is Status.WARN else problem)(f"{found.summary}.", found.advice)
