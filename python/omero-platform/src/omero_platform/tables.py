"""Tables of the documentation that are written from `stack.toml`, between two marks in a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.instance import source_root
from omero_platform.monitoring.generated import alerts_table

if TYPE_CHECKING:
    from omero_platform.stack import Service, Stack

PAGES = (Path("docs/services.md"), Path("docs/monitoring.md"))
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


def backup_table(stack: Stack) -> str:
    """When backups are made and tried, and how long they stay."""
    keep, verify = stack.backup.keep, stack.backup.verify
    return (
        "| what | when |\n|---|---|\n"
        f"| backup | every day, {stack.backup.make.time} ({stack.timezone}) |\n"
        f"| restored into scratch and compared | every {verify.weekday}, {verify.time} ({stack.timezone}) |\n"
        f"| kept | the last of {keep.days} days, {keep.weeks} weeks and {keep.months} months, and the newest two |\n"
    )


TABLES = {"services": services_table, "maintenance": maintenance_table, "backup": backup_table}


def fill(text: str, stack: Stack, root: Path | None = None) -> str:
    """A page with its tables written anew; alerts are those of the repository."""

    def content(name: str) -> str:
        return alerts_table(root or source_root()) if name == "alerts" else TABLES[name](stack)

    return MARK.sub(lambda match: match[1] + content(match["name"]) + match[3], text)
