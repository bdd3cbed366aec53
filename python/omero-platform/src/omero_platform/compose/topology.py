"""What follows from `stack.toml` for services that have a network of their own: names, addresses, timers.

`nix/lib/stack.nix` derives the same from the same file; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.stack import Daily

if TYPE_CHECKING:
    from omero_platform.stack import Probe, Stack, Weekly


def host_name(service: str) -> str:
    """The name under which others find a service; an underscore is not allowed in one."""
    return service.replace("_", "-")


def address(stack: Stack, service: str, port: str) -> str:
    """Name and number, as in `database-plugin:5433`."""
    return f"{host_name(service)}:{stack.services[service].ports[port]}"


def probe_target(stack: Stack, service: str, probe: Probe) -> str:
    """What the blackbox exporter is asked to look at."""
    where = address(stack, service, probe.port)
    return f"http://{where}{probe.path}" if probe.module == "http_2xx" else where


def calendar(at: Weekly | Daily, timezone: str) -> str:
    """systemd's calendar expression; without a weekday every day, and the n-th week has the days 7n-6 to 7n."""
    if isinstance(at, Daily):
        return f"*-*-* {at.time}:00 {timezone}"
    day = "*"
    if at.week_of_month is not None:
        last = 7 * at.week_of_month
        day = f"{last - 6:02d}..{last:02d}"
    return f"{at.weekday[:3]} *-*-{day} {at.time}:00 {timezone}"


def topology(stack: Stack) -> dict[str, Any]:
    """Everything that Nix derives too, by service name."""
    services = stack.services
    return {
        "timezone": stack.timezone,
        "ports": {name: service.ports for name, service in services.items()},
        "publicPorts": {
            name: [service.ports[port] for port in service.public]
            for name, service in services.items()
            if service.public
        },
        "needs": {name: service.needs for name, service in services.items()},
        "health": {
            name: {
                "kind": service.health.kind,
                "path": service.health.path,
                "port": service.ports.get(service.health.port),
            }
            for name, service in services.items()
        },
        "scrapes": [
            {
                "job": service.scrape.job,
                "path": service.scrape.path,
                "service": name,
                "target": address(stack, name, service.scrape.port),
            }
            for name, service in sorted(services.items())
            if service.scrape
        ],
        "probes": [
            {"module": probe.module, "service": name, "target": probe_target(stack, name, probe)}
            for name, service in sorted(services.items())
            for probe in service.probes
        ],
        "versions": {name: service.version for name, service in services.items()},
        "schedules": {
            "vacuumAnalyze": calendar(stack.maintenance.vacuum_analyze, stack.timezone),
            "reindex": calendar(stack.maintenance.reindex, stack.timezone),
            "backup": calendar(stack.backup.make, stack.timezone),
            "verify": calendar(stack.backup.verify, stack.timezone),
        },
        "maintained": stack.maintenance.databases,
        "keptBackups": stack.backup.keep.model_dump(),
    }
