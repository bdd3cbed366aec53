"""Prometheus with its exporters and Alertmanager, from the distribution's packages; configuration comes from the stack."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omero_platform.errors import PlatformError
from omero_platform.instance import HOST, write_atomically
from omero_platform.maintenance.heartbeat import heartbeat_folder
from omero_platform.monitoring import elsewhere, prometheus
from omero_platform.monitoring.files import monitoring_folder, read_yaml, rule_files
from omero_platform.secret_files import secret
from omero_platform.services.postgresql import MONITORING_USER, database_url
from omero_platform.services.redis import redis_url
from omero_platform.supervisor import Program

if TYPE_CHECKING:
    from omero_platform.instance import Instance
    from omero_platform.monitoring.targets import Address

DATABASE_OF = {"postgres-exporter": "database", "postgres-exporter-plugin": "database_plugin"}
RETENTION = "15d"
# Where OMERO.web shows Prometheus' own pages; they load their parts from below it.
PROMETHEUS_PAGES = "/omeroweb_admin_tools/resource-monitoring/prometheus-proxy/"
SYSTEM_BUS = Path("/run/dbus/system_bus_socket")

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
        write_config(instance, "alertmanager", alertmanager_config(instance))
        check_receiver(instance)
    elif service == "blackbox-exporter":
        write_config(instance, "blackbox", read_yaml(monitoring_folder(instance.root) / "blackbox.yml"))
    elif service == "node-exporter":
        heartbeat_folder(instance).mkdir(exist_ok=True)
    elif service == "redis-exporter":
        secret(instance, "redis")
    elif service in DATABASE_OF:
        secret(instance, f"{DATABASE_OF[service]}-{MONITORING_USER}")


def write_config(instance: Instance, name: str, content: dict[str, Any]) -> None:
    """Write one configuration file."""
    write_atomically(instance.run / f"{name}.yml", json.dumps(content, indent=2) + "\n", mode=0o600)


def local_address(instance: Instance) -> Address:
    """Where services are reached: on this machine, or where the operator said; None for those that run nowhere."""

    def address(service: str, port: str) -> str | None:
        if service in PROGRAMS and not shutil.which(PROGRAMS[service]):
            return None
        if "local" in instance.service(service).runs:
            return f"{HOST}:{instance.port(service, port)}"
        return elsewhere.host_and_port(instance, service)

    return address


def prometheus_config(instance: Instance) -> dict[str, Any]:
    """Scrape jobs, probes and rules for what runs here."""
    rules = [str(path) for path in rule_files(instance.root)]
    return prometheus.prometheus_config(instance.stack, local_address(instance), rules)


def receiver_file(instance: Instance) -> Path:
    """Where the operator says how to be told about alerts."""
    return instance.data / "alert-receiver.yml"


def alertmanager_config(instance: Instance) -> dict[str, Any]:
    """The shared configuration, with the operator's own receiver when there is one."""
    config: dict[str, Any] = read_yaml(monitoring_folder(instance.root) / "alertmanager.yml")
    path = receiver_file(instance)
    if path.exists():
        own = read_yaml(path)
        if not isinstance(own, dict):
            raise PlatformError(
                f"{path} must be a receiver of Alertmanager, such as `webhook_configs: [{{url: …}}]`.",
                "docs/monitoring.md has examples.",
            )
        config["receivers"] = [
            {**own, "name": "operators"} if receiver["name"] == "operators" else receiver
            for receiver in config["receivers"]
        ]
    return config


def check_receiver(instance: Instance) -> None:
    """Refuse an operator's receiver that Alertmanager would not start with; raises PlatformError with its words."""
    amtool = shutil.which("amtool")
    if not amtool or not receiver_file(instance).exists():
        return
    result = subprocess.run(  # noqa: S603
        [amtool, "check-config", str(instance.run / "alertmanager.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        said = " ".join((result.stderr or result.stdout).split()[-30:])
        raise PlatformError(f"Alertmanager refuses {receiver_file(instance)}: {said}")


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
            f"--web.external-url={instance.web_address.rstrip('/')}{PROMETHEUS_PAGES}",
            "--web.route-prefix=/",
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
        arguments = [f"--collector.textfile.directory={heartbeat_folder(instance)}", listen]
        if not SYSTEM_BUS.exists():
            arguments.append("--no-collector.systemd")
    return Program(service, [PROGRAMS[service], *arguments], environment)
