"""Prometheus with its exporters and Alertmanager, from the distribution's packages; configuration comes from the stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omero_platform.instance import HOST, write_atomically
from omero_platform.secret_files import secret
from omero_platform.services.postgresql import MONITORING_USER, database_url
from omero_platform.services.redis import redis_url
from omero_platform.supervisor import Program

if TYPE_CHECKING:
    from omero_platform.instance import Instance
    from omero_platform.stack import Probe

DATABASE_OF = {"postgres-exporter": "database", "postgres-exporter-plugin": "database_plugin"}
RETENTION = "15d"

PROGRAMS = {
    "prometheus": "prometheus",
    "alertmanager": "prometheus-alertmanager",
    "blackbox-exporter": "prometheus-blackbox-exporter",
    "node-exporter": "prometheus-node-exporter",
    "postgres-exporter": "prometheus-postgres-exporter",
    "postgres-exporter-plugin": "prometheus-postgres-exporter",
    "redis-exporter": "prometheus-redis-exporter",
}


def prepare(instance: Instance, service: str) -> None:
    """Write the configuration; JSON is YAML, which is what these programs read."""
    if service == "prometheus":
        (instance.data / service).mkdir(mode=0o750, exist_ok=True)
        write_config(instance, "prometheus", prometheus_config(instance))
    elif service == "alertmanager":
        (instance.data / service).mkdir(mode=0o750, exist_ok=True)
        write_config(
            instance, "alertmanager", {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
        )
    elif service == "blackbox-exporter":
        write_config(instance, "blackbox", BLACKBOX_MODULES)
    elif service == "redis-exporter":
        secret(instance, "redis")
    elif service in DATABASE_OF:
        secret(instance, f"{DATABASE_OF[service]}-{MONITORING_USER}")


def write_config(instance: Instance, name: str, content: dict[str, Any]) -> None:
    """Write one configuration file."""
    write_atomically(instance.run / f"{name}.yml", json.dumps(content, indent=2) + "\n", mode=0o600)


BLACKBOX_MODULES: dict[str, Any] = {
    "modules": {
        "http_2xx": {"prober": "http", "timeout": "5s", "http": {"preferred_ip_protocol": "ip4"}},
        "tcp_connect": {"prober": "tcp", "timeout": "5s", "tcp": {"preferred_ip_protocol": "ip4"}},
    }
}


def prometheus_config(instance: Instance) -> dict[str, Any]:
    """Scrape jobs and probes of every local service."""
    jobs = [
        {
            "job_name": service.scrape.job,
            "metrics_path": service.scrape.path,
            "static_configs": [{"targets": [f"{HOST}:{instance.port(name, service.scrape.port)}"]}],
        }
        for name, service in instance.stack.local().items()
        if service.scrape
    ]
    return {
        "global": {"scrape_interval": "15s"},
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [f"{HOST}:{instance.port('alertmanager', 'http')}"]}]}
            ]
        },
        "scrape_configs": [*jobs, *(probe_job(instance, module) for module in BLACKBOX_MODULES["modules"])],
    }


def probe_target(instance: Instance, service: str, probe: Probe) -> str:
    """What the blackbox exporter is asked to look at."""
    address = f"{HOST}:{instance.port(service, probe.port)}"
    return f"http://{address}{probe.path}" if probe.module == "http_2xx" else address


def probe_job(instance: Instance, module: str) -> dict[str, Any]:
    """The scrape job of one kind of probe: Prometheus asks the blackbox exporter, which asks the target."""
    targets = [
        {"targets": [probe_target(instance, name, probe)], "labels": {"service": name}}
        for name, service in instance.stack.local().items()
        for probe in service.probes
        if probe.module == module
    ]
    return {
        "job_name": f"blackbox_{module.partition('_')[0]}",
        "metrics_path": "/probe",
        "params": {"module": [module]},
        "static_configs": targets,
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {
                "target_label": "__address__",
                "replacement": f"{HOST}:{instance.port('blackbox-exporter', 'http')}",
            },
        ],
    }


def program(instance: Instance, service: str) -> Program:
    """The process of one monitoring service."""
    address = f"{HOST}:{instance.port(service, 'http')}"
    listen = f"--web.listen-address={address}"
    environment: dict[str, str] = {}
    if service == "prometheus":
        arguments = [
            f"--config.file={instance.run / 'prometheus.yml'}",
            f"--storage.tsdb.path={instance.data / service}",
            f"--storage.tsdb.retention.time={RETENTION}",
            listen,
        ]
    elif service == "alertmanager":
        arguments = [
            f"--config.file={instance.run / 'alertmanager.yml'}",
            f"--storage.path={instance.data / service}",
            "--cluster.listen-address=",
            listen,
        ]
    elif service == "blackbox-exporter":
        arguments = [f"--config.file={instance.run / 'blackbox.yml'}", listen]
    elif service == "redis-exporter":
        arguments = [f"-web.listen-address={address}"]
        url = redis_url(instance, 0)
        environment = {
            "REDIS_ADDR": url.replace(f":{secret(instance, 'redis')}@", ""),
            "REDIS_PASSWORD": secret(instance, "redis"),
        }
    elif service in DATABASE_OF:
        arguments = [listen]
        url = database_url(instance, DATABASE_OF[service], user=MONITORING_USER)
        environment = {"DATA_SOURCE_NAME": f"{url}?sslmode=disable"}
    else:
        arguments = [listen]
    return Program(service, [PROGRAMS[service], *arguments], environment)
