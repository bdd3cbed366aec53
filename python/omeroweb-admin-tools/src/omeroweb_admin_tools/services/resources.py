"""What the resource page shows, gathered side by side: figures, targets, containers, and how each source is."""

from __future__ import annotations

import grp
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from omeroweb_admin_tools.services import panels
from omeroweb_admin_tools.services.containers import Container, ContainerEngine, ContainerError
from omeroweb_admin_tools.services.prometheus import Prometheus, PrometheusError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PROBE_SECONDS = 2.5
MOST_SAMPLES = 15
THREADS = 12


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether something answers at all."""

    ok: bool
    status: int | None
    error: str

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "status": self.status, "error": self.error}


def together(work: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Run functions side by side and return their results by name."""
    with ThreadPoolExecutor(max_workers=min(THREADS, max(1, len(work)))) as pool:
        futures = {name: pool.submit(function) for name, function in work.items()}
        return {name: future.result() for name, future in futures.items()}


def probe(base: str, path: str) -> Probe:
    """Ask an address whether it is well."""
    import httpx  # noqa: PLC0415

    if not base:
        return Probe(False, None, "not running here")
    try:
        answer = httpx.get(base + path, timeout=PROBE_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        return Probe(False, None, type(error).__name__)
    return Probe(answer.is_success, answer.status_code, "" if answer.is_success else "unexpected status")


def system_metrics(prometheus: Prometheus) -> dict[str, float | None]:
    """Return the present figures of the host; None for what Prometheus doesn't know."""

    def ask(query: str) -> float | None:
        try:
            found = prometheus.value(query)
        except PrometheusError:
            return None
        return None if found is None else round(found, 2)

    return together({key: partial(ask, query) for key, query in panels.INSTANT.items()})


def chart(prometheus: Prometheus, panel: panels.Panel, seconds: int) -> dict[str, Any]:
    """Return one chart over the last `seconds`; raises PrometheusError."""
    step = panels.RANGES[seconds]
    end = time.time() // step * step
    start = end - seconds
    found = [prometheus.over_time(line.query, start, end, step) for line in panel.lines]
    return panels.columns(panel, found, start, end, step)


def charts(prometheus: Prometheus, seconds: int) -> list[dict[str, Any]]:
    """Return all charts; those that fail say why in `error`."""

    def one(panel: panels.Panel) -> dict[str, Any]:
        try:
            return chart(prometheus, panel, seconds)
        except PrometheusError as error:
            empty = {"key": panel.key, "title": panel.title, "unit": panel.unit, "times": [], "series": []}
            return {**empty, "error": str(error)}

    return list(together({panel.key: partial(one, panel) for panel in panels.PANELS}).values())


def targets_overview(prometheus: Prometheus) -> dict[str, Any]:
    """Return how many scrape targets are up, and each with what Prometheus last saw."""
    try:
        found = prometheus.targets()
    except PrometheusError as error:
        return {"active": 0, "up": 0, "down": 0, "unknown": 0, "services": [], "error": str(error)}
    services = [
        {
            "service": str(target.get("labels", {}).get("job", "")),
            "instance": str(target.get("labels", {}).get("instance", "")),
            "health": str(target.get("health", "unknown")),
            "state": str(target.get("health", "unknown")),
            "healthcheck": str(target.get("lastError", "")),
        }
        for target in found
    ]
    health = [entry["health"] for entry in services]
    return {
        "active": len(services),
        "up": health.count("up"),
        "down": health.count("down"),
        "unknown": len(health) - health.count("up") - health.count("down"),
        "services": services,
    }


def containers_with_stats(engine: ContainerEngine) -> list[dict[str, Any]]:
    """Return all containers, the running ones with what they use; raises ContainerError when none can be listed."""
    listed = engine.containers()

    def one(container: Container) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "name": container.name,
            "service": container.service,
            "image": container.image,
            "state": container.state,
            "status": container.status,
            "health": container.health,
            "stats": None,
            "error": "",
        }
        if container.running:
            try:
                facts["stats"] = engine.stats(container.id).as_json()
                facts["health"] = container.health or engine.health(container.id)
            except ContainerError as error:
                facts["error"] = str(error)
        return facts

    return list(together({container.id: partial(one, container) for container in listed}).values())


def socket_diagnostics(engine: ContainerEngine) -> dict[str, Any]:
    """Return whether the container socket can be used, and by whom."""
    path = engine.socket
    facts: dict[str, Any] = {
        "socket_path": str(path),
        "socket_exists": path.exists(),
        "socket_readable": os.access(path, os.R_OK),
        "socket_writable": os.access(path, os.W_OK),
        "current_uid": os.geteuid(),
        "current_gids": sorted({os.getegid(), *os.getgroups()}),
        **_socket_owner(path),
        "api_reachable": False,
        "api_error": "",
        "container_count": 0,
        "containers_with_health": 0,
        "sample_statuses": [],
    }
    if not facts["socket_exists"]:
        return {**facts, "api_error": "There is no container socket here."}
    try:
        found = engine.containers()
    except ContainerError as error:
        return {**facts, "api_error": str(error)}
    samples = [
        {
            "service": container.service,
            "state": container.state,
            "status": container.status,
            "parsed_health": container.health,
        }
        for container in found[:MOST_SAMPLES]
    ]
    return {
        **facts,
        "api_reachable": True,
        "container_count": len(found),
        "containers_with_health": sum(bool(container.health) for container in found),
        "sample_statuses": samples,
    }


def _socket_owner(path: Path) -> dict[str, Any]:
    try:
        status = path.stat()
    except OSError:
        return {"socket_stat": "", "socket_gid": None, "process_in_socket_group": False}
    try:
        group = grp.getgrgid(status.st_gid).gr_name
    except KeyError:
        group = str(status.st_gid)
    return {
        "socket_stat": f"{stat.filemode(status.st_mode)} group {group}",
        "socket_gid": status.st_gid,
        "process_in_socket_group": status.st_gid in {os.getegid(), *os.getgroups()},
    }


def now() -> str:
    """Return the time for the answer."""
    return datetime.now(UTC).isoformat(timespec="seconds")
