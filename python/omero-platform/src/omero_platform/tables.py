"""Tables of the documentation that are written from `stack.toml`, between two marks in a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omero_platform.stack import Service, Stack

PAGES = (Path("docs/services.md"),)
MARK = re.compile(
    r"(<!-- table: (?P<name>\w+), written by `omero-platform table` -->\n).*?(<!-- end of table -->)",
    re.DOTALL,
)


def services_table(stack: Stack) -> str:
    """Every service with its ports and where it runs."""
    lines = ["| service | name | ports | needs | health check | runs on |", "|---|---|---|---|---|---|"]
    for name, service in stack.services.items():
        ports = ", ".join(
            f"{number} ({port}{', public' if port in service.public else ''})"
            for port, number in service.ports.items()
        )
        lines.append(
            f"| {service.title} | `{name}` | {ports or '–'} | {', '.join(service.needs) or '–'} | {health_text(service)} "
            f"| {', '.join(RUNS[place] for place in service.runs)} |"
        )
    return "\n".join(lines) + "\n"


RUNS = {"local": "plain Linux", "image": "Nix, images"}


def health_text(service: Service) -> str:
    """How the service's health is asked, in a few words."""
    health = service.health
    port = service.ports.get(health.port)
    return {
        "http": f"HTTP {port}{health.path}",
        "tcp": f"TCP {port}",
        "postgresql": "a query",
        "redis": "PING",
        "celery": "Celery ping",
        "omero": "login over Ice",
    }[health.kind]


def maintenance_table(stack: Stack) -> str:
    """When the databases are cleaned up."""
    jobs = {
        "VACUUM ANALYZE": stack.maintenance.vacuum_analyze,
        "REINDEX CONCURRENTLY": stack.maintenance.reindex,
    }
    lines = ["| what | when |", "|---|---|"]
    for what, when in jobs.items():
        week = {None: "every", 1: "first", 2: "second", 3: "third", 4: "fourth"}[when.week_of_month]
        month = "" if when.week_of_month is None else " of the month"
        lines.append(f"| {what} | {week} {when.weekday}{month}, {when.time} ({stack.timezone}) |")
    return "\n".join(lines) + "\n"


TABLES = {"services": services_table, "maintenance": maintenance_table}


def fill(text: str, stack: Stack) -> str:
    """A page with its tables written anew."""
    return MARK.sub(lambda match: match[1] + TABLES[match["name"]](stack) + match[3], text)
