"""Monitoring and Portainer, as the compose file has them; their configuration lies in `monitoring/` beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.compose.parts import USER
from omero_platform.compose.paths import mount
from omero_platform.compose.topology import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_platform.stack import Stack

SOCKET = "/var/run/docker.sock:/var/run/docker.sock:ro"


def image(repository: str, prefix: str = "", suffix: str = "") -> Callable[[Stack, str], str]:
    """The published image of a service in the version of stack.toml."""
    return lambda stack, name: f"{repository}:{prefix}{stack.services[name].version}{suffix}"


IMAGES = {
    "prometheus": image("docker.io/prom/prometheus", "v"),
    "alertmanager": image("docker.io/prom/alertmanager", "v"),
    "blackbox-exporter": image("docker.io/prom/blackbox-exporter", "v"),
    "node-exporter": image("docker.io/prom/node-exporter", "v"),
    "postgres-exporter": image("docker.io/prometheuscommunity/postgres-exporter", "v"),
    "postgres-exporter-plugin": image("docker.io/prometheuscommunity/postgres-exporter", "v"),
    "redis-exporter": image("docker.io/oliver006/redis_exporter", "v", "-alpine"),
    "cadvisor": image("gcr.io/cadvisor/cadvisor", "v"),
    "loki": image("docker.io/grafana/loki"),
    "alloy": image("docker.io/grafana/alloy", "v"),
    "grafana": image("docker.io/grafana/grafana"),
    "portainer": image("docker.io/portainer/portainer-ce"),
}


def listen(stack: Stack, name: str) -> str:
    """The flag that most of them share."""
    return f"--web.listen-address=:{stack.services[name].ports['http']}"


def prometheus(stack: Stack, name: str) -> dict[str, Any]:
    """Prometheus; reloading and quitting over the network stay off."""
    return {
        "user": USER,
        "read_only": True,
        "command": ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus",
                    "--storage.tsdb.retention.time=15d", listen(stack, name)],
        "volumes": ["./monitoring/prometheus.yml:/etc/prometheus/prometheus.yml:ro",
                    "./monitoring/rules:/etc/prometheus/rules:ro", mount("PROMETHEUS_DATA_PATH", "/prometheus")],
    }  # fmt: skip


def alertmanager(stack: Stack, name: str) -> dict[str, Any]:
    """Alertmanager; silences live as long as its container."""
    return {
        "user": USER,
        "read_only": True,
        "command": ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager",
                    "--cluster.listen-address=", listen(stack, name)],
        "volumes": ["./monitoring/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro"],
        "tmpfs": ["/alertmanager:mode=1777"],
    }  # fmt: skip


def blackbox(stack: Stack, name: str) -> dict[str, Any]:
    """The blackbox exporter."""
    return {
        "read_only": True,
        "command": ["--config.file=/etc/blackbox/blackbox.yml", listen(stack, name)],
        "volumes": ["./monitoring/blackbox.yml:/etc/blackbox/blackbox.yml:ro"],
    }


def node(stack: Stack, name: str) -> dict[str, Any]:
    """Metrics of the host, and what maintenance noted."""
    return {
        "read_only": True,
        "pid": "host",
        "command": ["--path.rootfs=/host", "--collector.textfile.directory=/textfile", listen(stack, name)],
        "volumes": ["/:/host:ro,rslave", mount("PG_MAINTENANCE_DATA_PATH", "/textfile", read_only=True)],
    }


def postgres_exporter(database: str, secret: str) -> Callable[[Stack, str], dict[str, Any]]:
    """Metrics of one database."""

    def make(stack: Stack, name: str) -> dict[str, Any]:
        there = stack.services[database].database
        if there is None:
            raise ValueError(f"services.{database} needs a database table")
        return {
            "user": USER,
            "read_only": True,
            "command": [listen(stack, name)],
            "environment": {
                "DATA_SOURCE_URI": f"{address(stack, database, 'postgresql')}/{there.name}?sslmode=disable",
                "DATA_SOURCE_USER": there.user,
                "DATA_SOURCE_PASS_FILE": f"/run/secrets/{secret}",
            },
            "secrets": [secret],
        }

    return make


def redis_exporter(stack: Stack, name: str) -> dict[str, Any]:
    """Metrics of Redis; the exporter takes its password from the environment only."""
    redis, port = address(stack, "redis", "redis"), stack.services[name].ports["http"]
    start = f'REDIS_PASSWORD="$$(cat /run/secrets/redis)" exec /redis_exporter -web.listen-address=:{port} -redis.addr=redis://{redis}'
    return {"user": USER, "read_only": True, "entrypoint": ["sh", "-c", start], "secrets": ["redis"]}


def cadvisor(stack: Stack, name: str) -> dict[str, Any]:
    """Resources of containers; it has to see the host."""
    return {
        "privileged": True,
        "devices": ["/dev/kmsg"],
        "command": [f"--port={stack.services[name].ports['http']}", "--docker_only=true"],
        "volumes": [
            "/:/rootfs:ro",
            "/var/run:/var/run:ro",
            "/sys:/sys:ro",
            "/var/lib/docker:/var/lib/docker:ro",
        ],
        "tmpfs": ["/dev/disk:ro,noexec,nosuid,nodev,size=1048576,mode=0555"],
    }


def loki(_stack: Stack, _name: str) -> dict[str, Any]:
    """Collected logs."""
    return {
        "user": USER,
        "read_only": True,
        "command": ["-config.file=/etc/loki/loki.yml"],
        "volumes": ["./monitoring/loki:/etc/loki:ro", mount("LOKI_DATA_PATH", "/loki")],
        "tmpfs": ["/tmp"],  # noqa: S108 - in the container
    }


def alloy(stack: Stack, name: str) -> dict[str, Any]:
    """Collects what containers print and what OMERO writes to files."""
    return {
        "command": ["run", f"--server.http.listen-addr=0.0.0.0:{stack.services[name].ports['http']}",
                    "--storage.path=/var/lib/alloy/data", "--disable-reporting", "/etc/alloy"],
        "volumes": [
            "./monitoring/alloy:/etc/alloy:ro",
            SOCKET,
            mount("OMERO_SERVER_LOGS_PATH", "/opt/omero/server/OMERO.server/var/log", read_only=True),
            mount("OMERO_WEB_LOGS_PATH", "/opt/omero/web/OMERO.web/var/log", read_only=True),
            mount("OMERO_WEB_SUPERVISOR_LOGS_PATH", "/opt/omero/web/logs", read_only=True),
        ],
    }  # fmt: skip


def grafana(stack: Stack, name: str) -> dict[str, Any]:
    """Dashboards; nobody gets in without a login."""
    return {
        "user": USER,
        "env_file": ["env/grafana.env"],
        "environment": {
            "GF_SERVER_HTTP_PORT": str(stack.services[name].ports["http"]),
            "GF_SECURITY_ADMIN_PASSWORD__FILE": "/run/secrets/grafana-admin",
            "GF_AUTH_ANONYMOUS_ENABLED": "false",
            "GF_AUTH_PROXY_ENABLED": "false",  # on one network any container could claim to be OMERO.web
            "GF_USERS_ALLOW_SIGN_UP": "false",
            "GF_SECURITY_ALLOW_EMBEDDING": "true",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "OMERO_PROMETHEUS_URL": f"http://{address(stack, 'prometheus', 'http')}",
            "OMERO_LOKI_URL": f"http://{address(stack, 'loki', 'http')}",
            "OMERO_ALERTMANAGER_URL": f"http://{address(stack, 'alertmanager', 'http')}",
            "OMERO_DASHBOARDS_FOLDER": "/var/lib/grafana/dashboards",
        },
        "secrets": ["grafana-admin"],
        "volumes": [
            "./monitoring/grafana/datasources.yml:/etc/grafana/provisioning/datasources/omero.yml:ro",
            "./monitoring/grafana/dashboards.yml:/etc/grafana/provisioning/dashboards/omero.yml:ro",
            "./monitoring/dashboards:/var/lib/grafana/dashboards:ro",
            mount("GRAFANA_DATA_PATH", "/var/lib/grafana"),
        ],
    }


def portainer(_stack: Stack, _name: str) -> dict[str, Any]:
    """Portainer; whoever logs in first sets its password, so do that at once."""
    return {
        "command": ["--http-enabled"],
        "volumes": [SOCKET, mount("PORTAINER_DATA_PATH", "/data")],
    }


MAKERS: dict[str, Callable[[Stack, str], dict[str, Any]]] = {
    "prometheus": prometheus,
    "alertmanager": alertmanager,
    "blackbox-exporter": blackbox,
    "node-exporter": node,
    "postgres-exporter": postgres_exporter("database", "database"),
    "postgres-exporter-plugin": postgres_exporter("database_plugin", "database-plugin"),
    "redis-exporter": redis_exporter,
    "cadvisor": cadvisor,
    "loki": loki,
    "alloy": alloy,
    "grafana": grafana,
    "portainer": portainer,
}
