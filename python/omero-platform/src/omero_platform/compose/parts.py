"""What several services of the compose file have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.compose.topology import host_name

if TYPE_CHECKING:
    from omero_platform.stack import Service, Stack

USER = "1000:1000"
TAG = "${OMERO_PLATFORM_TAG:-latest}"
SECRETS = {
    "database": "password of the OMERO database",
    "database-plugin": "password of the plugin database",
    "redis": "password of Redis",
    "root": "password of OMERO's root",
    "job-service": "password of the account that the worker uses",
    "hash": "secret of the OMP plugin's ownership mark",
    "plugin-keys": "keys that encrypt what users entrust to the plugins",
    "django": "key of OMERO.web's signatures",
    "grafana-admin": "password of Grafana's administrator",
}
HEALTH = {"interval": "10s", "timeout": "10s", "retries": 30}
WGET = ("prometheus", "alertmanager", "grafana", "loki", "blackbox-exporter", "node-exporter", "cadvisor",
        "postgres-exporter", "postgres-exporter-plugin", "redis-exporter", "portainer")  # fmt: skip
START_PERIOD_SECONDS = {"omeroserver": 60, "omeroweb": 60, "grafana": 30, "loki": 30, "prometheus": 20}
PYTHON_CHECK = "python -P -m omero_platform.hosted health"


def own_image(name: str) -> str:
    """An image of the flake."""
    return f"omero-platform/{name}:{TAG}"


def secret_variables(**files: str) -> dict[str, str]:
    """`<variable>_FILE` for each variable and its secret."""
    return {f"{variable}_FILE": f"/run/secrets/{name}" for variable, name in files.items()}


def health_command(name: str, service: Service) -> list[str]:
    """How a container finds out by itself whether it is well."""
    health = service.health
    port = service.ports.get(health.port, 0)
    if health.kind == "postgresql" and service.database:
        return ["CMD", "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-U", service.database.user]
    if health.kind == "redis":
        return [
            "CMD-SHELL",
            'redis-cli -a "$$(cat /run/secrets/redis)" --no-auth-warning ping | grep -q PONG',
        ]
    if name in WGET:
        return ["CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}{health.path}"]
    if health.kind == "http":
        return ["CMD", *PYTHON_CHECK.split(), "http", str(port), health.path]
    return ["CMD", *PYTHON_CHECK.split(), health.kind, *([str(port)] if port else [])]


def common(stack: Stack, name: str) -> dict[str, Any]:
    """Keys that every long-running service has, from its entry in stack.toml."""
    service = stack.services[name]
    found: dict[str, Any] = {
        "restart": "unless-stopped",
        "security_opt": ["no-new-privileges:true"],
        "networks": {"omero": {"aliases": [host_name(name)]}},
        "environment": {"TZ": stack.timezone},
        "healthcheck": {
            "test": health_command(name, service),
            **HEALTH,
            "start_period": f"{START_PERIOD_SECONDS.get(name, 10)}s",
        },
    }
    if service.needs:
        found["depends_on"] = {need: {"condition": "service_healthy"} for need in service.needs}
    if service.public:
        found["ports"] = [f"{service.ports[port]}:{service.ports[port]}" for port in service.public]
    return found
