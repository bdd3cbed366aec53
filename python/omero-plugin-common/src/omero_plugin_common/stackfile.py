"""Reading the one description of the stack (stack.toml) for those who look at services from outside."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class StackService:
    """One service: what people call it, where it listens, how it is known to be up."""

    name: str
    title: str
    ports: Mapping[str, int] = field(default_factory=dict)
    health_kind: str = "tcp"
    health_port: str = ""
    health_path: str = "/"
    version: str = ""
    logs: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    scrape_job: str = ""
    database: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class StackPlace:
    """Services of one way to run, and where they are: all on `host`, or each on a host of its own name."""

    services: Mapping[str, StackService]
    host: str = ""
    port_offset: int = 0

    def address(self, service: str, port: str = "") -> tuple[str, int]:
        """Return host and port; without a port's name, those of the health check.

        Raises KeyError for a service or port that is not described.
        """
        found = self.services[service]
        number = found.ports[port or found.health_port]
        return self.host or service.replace("_", "-"), number + self.port_offset


def read_services(path: Path) -> dict[str, StackService]:
    """Return all services in the order of the file; raises OSError and tomllib.TOMLDecodeError."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _service(name, facts) for name, facts in document.get("services", {}).items()}


def read_place(path: Path, way: str, host: str = "", port_offset: int = 0) -> StackPlace:
    """Return the services that run in one way (`local` or `image`)."""
    services = {name: service for name, service in read_services(path).items() if way in service.runs}
    return StackPlace(services, host, port_offset)


def _service(name: str, facts: Mapping[str, Any]) -> StackService:
    health = facts.get("health", {})
    return StackService(
        name=name,
        title=str(facts.get("title", name)),
        ports=dict(facts.get("ports", {})),
        health_kind=str(health.get("kind", "tcp")),
        health_port=str(health.get("port", "")),
        health_path=str(health.get("path", "/")),
        version=str(facts.get("version", "")),
        logs=tuple(facts.get("logs", ())),
        runs=tuple(facts.get("runs", ())),
        scrape_job=str(facts.get("scrape", {}).get("job", "")),
        database=facts.get("database"),
    )
