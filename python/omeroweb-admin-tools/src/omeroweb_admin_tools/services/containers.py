"""Containers, read over the socket of Docker or Podman.

The socket could do anything to the machine, so only four kinds of GET go through; everything else is refused here,
before a byte is sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED = (
    re.compile(r"/containers/json"),
    re.compile(r"/containers/[0-9a-f]{12,64}/json"),
    re.compile(r"/containers/[0-9a-f]{12,64}/stats"),
    re.compile(r"/version"),
)
QUERIES = {"/containers/json": "all=1", "stats": "stream=false&one-shot=false"}
SERVICE_LABELS = (
    "com.docker.compose.service",
    "io.podman.compose.service",
    "PODMAN_SYSTEMD_UNIT",
)
HEALTH = re.compile(r"\((healthy|unhealthy|health: starting|starting)\)")


class ContainerError(Exception):
    """The container engine can't be asked, with a message for the administrator."""


class NotAllowedError(ContainerError):
    """A request that the allow-list refuses."""


@dataclass(frozen=True, slots=True)
class Container:
    """One container as the engine lists it; `health` is healthy, unhealthy, starting or empty."""

    id: str
    name: str
    service: str
    image: str
    state: str
    status: str
    health: str

    @property
    def running(self) -> bool:
        return self.state == "running"


@dataclass(frozen=True, slots=True)
class ContainerStats:
    """What a container uses; the processor in percent of one core, the rest in bytes and processes."""

    cpu_percent: float
    memory_bytes: int
    memory_limit_bytes: int
    received_bytes: int
    sent_bytes: int
    read_bytes: int
    written_bytes: int
    processes: int

    def as_json(self) -> dict[str, float]:
        return {
            "cpu_percent": round(self.cpu_percent, 2),
            "memory_bytes": self.memory_bytes,
            "memory_limit_bytes": self.memory_limit_bytes,
            "received_bytes": self.received_bytes,
            "sent_bytes": self.sent_bytes,
            "read_bytes": self.read_bytes,
            "written_bytes": self.written_bytes,
            "processes": self.processes,
        }


@dataclass(frozen=True, slots=True)
class ContainerEngine:
    """Docker or Podman behind a unix socket."""

    socket: Path
    timeout_seconds: float = 3.0

    def containers(self) -> list[Container]:
        """Return all containers, also those that don't run."""
        return [_container(entry) for entry in self.get("/containers/json")]

    def stats(self, container_id: str) -> ContainerStats:
        """Return what a running container uses now; the engine takes about a second for it."""
        return stats_of(self.get(f"/containers/{container_id}/stats"))

    def health(self, container_id: str) -> str:
        """Return the health that the engine found, empty when the container has no check."""
        state = self.get(f"/containers/{container_id}/json").get("State") or {}
        health = state.get("Health") or state.get("Healthcheck") or {}
        return str(health.get("Status") or "")

    def get(self, path: str) -> Any:
        """Return the JSON of one allowed path; raises NotAllowedError, ContainerError."""
        if not any(allowed.fullmatch(path) for allowed in ALLOWED):
            raise NotAllowedError(f"The admin tools never ask the container engine for {path}.")
        query = QUERIES.get(path) or QUERIES.get(path.rpartition("/")[2], "")
        transport = httpx.HTTPTransport(uds=str(self.socket))
        try:
            with httpx.Client(
                transport=transport,
                base_url="http://localhost",
                timeout=self.timeout_seconds,
                trust_env=False,
            ) as client:
                answer = client.get(path + (f"?{query}" if query else ""))
        except httpx.HTTPError as error:
            raise ContainerError(
                f"The container engine doesn't answer at {self.socket} ({type(error).__name__})."
            ) from error
        if answer.status_code != httpx.codes.OK:
            raise ContainerError(f"The container engine answers {path} with status {answer.status_code}.")
        try:
            return answer.json()
        except ValueError as error:
            raise ContainerError("What answers at the socket is no container engine.") from error


def stats_of(document: dict[str, Any]) -> ContainerStats:
    """Return the figures of the engine's statistics document (Docker Engine API, ContainerStats; Podman's is alike)."""
    now, before = document.get("cpu_stats") or {}, document.get("precpu_stats") or {}
    memory = document.get("memory_stats") or {}
    details = memory.get("stats") or {}
    # What can be dropped at once does not count: cgroup 2 calls it inactive_file, cgroup 1 total_inactive_file.
    cache = int(details.get("inactive_file") or details.get("total_inactive_file") or 0)
    networks = (document.get("networks") or {}).values()
    blocks = (document.get("blkio_stats") or {}).get("io_service_bytes_recursive") or []
    return ContainerStats(
        cpu_percent=_cpu_percent(now, before),
        memory_bytes=max(0, int(memory.get("usage") or 0) - cache),
        memory_limit_bytes=int(memory.get("limit") or 0),
        received_bytes=sum(int(entry.get("rx_bytes") or 0) for entry in networks),
        sent_bytes=sum(int(entry.get("tx_bytes") or 0) for entry in networks),
        read_bytes=_blocks(blocks, "read"),
        written_bytes=_blocks(blocks, "write"),
        processes=int((document.get("pids_stats") or {}).get("current") or 0),
    )


def _cpu_percent(now: dict[str, Any], before: dict[str, Any]) -> float:
    used = int((now.get("cpu_usage") or {}).get("total_usage") or 0)
    used -= int((before.get("cpu_usage") or {}).get("total_usage") or 0)
    passed = int(now.get("system_cpu_usage") or 0) - int(before.get("system_cpu_usage") or 0)
    cores = int(now.get("online_cpus") or len((now.get("cpu_usage") or {}).get("percpu_usage") or []) or 1)
    return 100.0 * cores * used / passed if passed > 0 and used > 0 else 0.0


def _blocks(entries: list[dict[str, Any]], operation: str) -> int:
    return sum(
        int(entry.get("value") or 0) for entry in entries if str(entry.get("op", "")).lower() == operation
    )


def _container(entry: dict[str, Any]) -> Container:
    labels = entry.get("Labels") or {}
    names = entry.get("Names") or [""]
    status = str(entry.get("Status") or "")
    found = HEALTH.search(status)
    name = str(names[0]).lstrip("/")
    service = next((str(labels[label]) for label in SERVICE_LABELS if labels.get(label)), name)
    return Container(
        id=str(entry.get("Id") or ""),
        name=name,
        service=service.removesuffix(".service"),
        image=str(entry.get("Image") or ""),
        state=str(entry.get("State") or "").lower(),
        status=status,
        health=found[1].removeprefix("health: ") if found else "",
    )
