"""Resources: the page, its figures, charts, containers, and the health of the services."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api, page
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.services import panels, resources
from omeroweb_admin_tools.services.containers import ContainerEngine, ContainerError
from omeroweb_admin_tools.services.health import service_health
from omeroweb_admin_tools.services.places import stack_place, upstream
from omeroweb_admin_tools.services.prometheus import Prometheus
from omeroweb_admin_tools.views.frame import page_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

DASHBOARDS = {
    "": None,
    "database_": ("database-metrics", "database"),
    "plugin_database_": ("plugin-database-metrics", "plugin-database"),
    "redis_": ("redis-metrics", "redis"),
}
DASHBOARD_QUERY = "orgId=1&from=now-6h&to=now&timezone=browser&refresh=30s"


@page("GET", admin=True)
def resources_page(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Show charts, services and containers."""
    return page_context(
        "resources",
        {
            "data": reverse("omeroweb_admin_tools_resources_data"),
            "charts": reverse("omeroweb_admin_tools_resources_charts"),
            "containers": reverse("omeroweb_admin_tools_resources_containers"),
            "health": reverse("omeroweb_admin_tools_health"),
        },
    )


@api("GET", admin=True)
def resources_data(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return the present figures and where to see more."""
    prometheus = Prometheus(upstream("prometheus"))
    grafana_url = upstream("grafana")
    engine = ContainerEngine(admin_settings().container_socket)
    known = bool(prometheus.url)
    work: dict[str, Callable[[], Any]] = {
        "grafana": partial(resources.probe, grafana_url, "/api/health"),
        "prometheus": partial(resources.probe, prometheus.url, "/-/ready"),
        "docker": partial(resources.socket_diagnostics, engine),
    }
    if known:
        work["metrics"] = partial(resources.system_metrics, prometheus)
        work["targets"] = partial(resources.targets_overview, prometheus)
    found = resources.together(work)
    return {
        "timestamp": resources.now(),
        "grafana": {"base_url": grafana_url, **dashboards(), "probe": found["grafana"].as_json()},
        "prometheus": {
            "base_url": prometheus.url,
            "targets_url": f"{prometheus.url}/targets" if known else "",
            "targets_external_url": _public(admin_settings().prometheus_public_url, "targets"),
            "targets_proxy_url": reverse("omeroweb_admin_tools_prometheus") + "targets" if known else "",
            "probe": found["prometheus"].as_json(),
            "targets_overview": found.get("targets", {}),
        },
        "system_metrics": found.get("metrics", dict.fromkeys(panels.INSTANT)),
        "docker_diagnostics": found["docker"],
    }


@api("GET", admin=True)
def resources_charts(request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return all charts over one of the ranges."""
    text = request.GET.get("range", "3600")
    if not text.isdigit() or int(text) not in panels.RANGES:
        raise UserError(f"range is {text!r}; use one of {', '.join(map(str, panels.RANGES))} seconds.")
    address = upstream("prometheus")
    if not address:
        raise UserError("Prometheus is not running here, so there are no charts.", status=503)
    return {"charts": resources.charts(Prometheus(address), int(text))}


@api("GET", admin=True)
def resources_containers(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return every container with what it uses."""
    socket = admin_settings().container_socket
    if not socket.exists():
        return {"available": False, "reason": "No containers run here.", "containers": []}
    try:
        found = resources.containers_with_stats(ContainerEngine(socket))
    except ContainerError as error:
        return {"available": False, "reason": str(error), "containers": []}
    return {"available": True, "reason": "", "containers": found}


@api("GET", admin=True)
def health(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return how every service is, after less than half a second whatever hangs."""
    found = service_health(stack_place())
    return {
        "timestamp": resources.now(),
        "services": [entry.as_json() for entry in found],
        "down": [entry.service for entry in found if entry.state == "down"],
    }


def dashboards() -> dict[str, str]:
    """Return the addresses of the dashboards: inside, for browsers, and through OMERO.web."""
    wanted = admin_settings()
    base = upstream("grafana")
    found: dict[str, str] = {}
    for prefix, place in DASHBOARDS.items():
        uid, slug = place or (wanted.dashboard_uid, wanted.dashboard_slug)
        path = f"d/{uid}/{slug}?{DASHBOARD_QUERY}"
        found[f"{prefix}dashboard_url"] = f"{base}/{path}" if base else ""
        found[f"{prefix}dashboard_external_url"] = _public(wanted.grafana_public_url, path)
        found[f"{prefix}dashboard_proxy_url"] = reverse("omeroweb_admin_tools_grafana") + path if base else ""
    return found


def _public(base: str, path: str) -> str:
    return f"{base.rstrip('/')}/{path}" if base else ""
