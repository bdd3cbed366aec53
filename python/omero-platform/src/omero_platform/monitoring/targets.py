"""What Prometheus asks, derived from `stack.toml`: scrape jobs of services, and probes of the blackbox exporter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omero_platform.stack import Probe, Stack

Address = Callable[[str, str], str | None]
"""From a service and the name of its port to `host:port`; None when that service does not run."""

PROBE_MODULES = {"http_2xx": "blackbox_http", "tcp_connect": "blackbox_tcp", "tls_connect": "blackbox_tls"}
"""The probe kinds of `stack.toml` and the names of their scrape jobs."""


def scrape_configs(stack: Stack, address: Address) -> list[dict[str, Any]]:
    """All scrape jobs: first those of services in the order of `stack.toml`, then one per kind of probe."""
    return [*service_jobs(stack, address), *probe_jobs(stack, address)]


def service_jobs(stack: Stack, address: Address) -> list[dict[str, Any]]:
    """A job per service that exports metrics."""
    jobs = []
    for name, service in stack.services.items():
        if service.scrape is None or (target := address(name, service.scrape.port)) is None:
            continue
        jobs.append(
            {
                "job_name": service.scrape.job,
                "metrics_path": service.scrape.path,
                "static_configs": [{"targets": [target]}],
            }
        )
    return jobs


def probe_jobs(stack: Stack, address: Address) -> list[dict[str, Any]]:
    """A job per kind of probe: Prometheus asks the blackbox exporter, which asks the target."""
    exporter = address("blackbox-exporter", "http")
    if exporter is None:
        return []
    jobs = []
    for module, job in PROBE_MODULES.items():
        targets = [
            {"targets": [target], "labels": {"service": name}}
            for name, service in stack.services.items()
            for probe in service.probes
            if probe.module == module and (target := probe_target(name, probe, address))
        ]
        if targets:
            jobs.append(probe_job(job, module, targets, exporter))
    return jobs


def probe_target(service: str, probe: Probe, address: Address) -> str | None:
    """What the blackbox exporter is asked to look at."""
    place = address(service, probe.port)
    if place is None:
        return None
    return f"http://{place}{probe.path}" if probe.module == "http_2xx" else place


def probe_job(job: str, module: str, targets: list[dict[str, Any]], exporter: str) -> dict[str, Any]:
    """One probe job; what is asked becomes the label `instance`."""
    return {
        "job_name": job,
        "metrics_path": "/probe",
        "params": {"module": [module]},
        "static_configs": targets,
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": exporter},
        ],
    }


def host_name(service: str) -> str:
    """A service's name in a network of containers."""
    return service.replace("_", "-")


def container_address(stack: Stack) -> Address:
    """Addresses where every service is a host of its own, reached by its name."""
    return lambda service, port: f"{host_name(service)}:{stack.services[service].ports[port]}"
