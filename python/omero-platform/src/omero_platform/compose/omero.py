"""The services of the platform's own images, the databases and Redis, as the compose file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.compose.parts import HEALTH, PYTHON_CHECK, USER, own_image, secret_variables
from omero_platform.compose.paths import mount
from omero_platform.compose.topology import host_name
from omero_platform.compose.watchers import QUOTA_FOLDER, QUOTA_SOCKET

if TYPE_CHECKING:
    from omero_platform.stack import Stack

JOBS = "/tmp/omp_plugin_filename_metadata_jobs:size=268435456,mode=1777"  # noqa: S108 - a tmpfs in the container
WEB_SECRETS = {
    "OMP_DATA_PASS": "database-plugin",
    "OMERO_DB_PASS": "database",
    "OMERO_JOB_SERVICE_PASS": "job-service",
    "FMP_HASH_SECRET": "hash",
    "REDIS_PASSWORD": "redis",
    "DJANGO_SECRET_KEY": "django",
    "OMERO_PLUGIN_SECRET_KEYS": "plugin-keys",
}
SERVER_SECRETS = {"OMERO_DB_PASS": "database", "ROOTPASS": "root", "OMERO_JOB_SERVICE_PASS": "job-service"}
MAINTENANCE_SECRETS = {"OMERO_DB_PASS": "database", "PLUGIN_DB_PASS": "database-plugin"}


def database(stack: Stack, name: str) -> dict[str, Any]:
    """PostgreSQL; its data lie in a sub-folder, so that a mount point's lost+found does not disturb."""
    service = stack.services[name]
    if service.database is None:
        raise ValueError(f"services.{name} needs a database table")
    secret = host_name(name)
    variable = "OMERO_DATABASE_PATH" if name == "database" else "OMERO_PLUGIN_DATABASE_PATH"
    return {
        "image": f"docker.io/library/postgres:{service.version}",
        "command": [
            "postgres", "-c", f"port={service.ports['postgresql']}",
            "-c", f"timezone={stack.timezone}", "-c", f"log_timezone={stack.timezone}",
        ],
        "environment": {
            "POSTGRES_USER": service.database.user,
            "POSTGRES_DB": service.database.name,
            "POSTGRES_PASSWORD_FILE": f"/run/secrets/{secret}",
            "PGDATA": "/var/lib/postgresql/data/pgdata",
            "PGPORT": str(service.ports["postgresql"]),
            "PGTZ": stack.timezone,
        },
        "secrets": [secret],
        "shm_size": "256m",
        "volumes": [mount(variable, "/var/lib/postgresql/data")],
    }  # fmt: skip


def redis(stack: Stack, name: str) -> dict[str, Any]:
    """Redis in memory only; the password reaches it by its standard input, not by its command line."""
    service = stack.services[name]
    limits = service.redis
    if limits is None:
        raise ValueError(f"services.{name} needs a redis table")
    options = (
        f"--port {service.ports['redis']} --save '' --appendonly no --dir /data "
        f"--maxmemory {limits.maxmemory_bytes} --maxmemory-policy {limits.policy}"
    )
    return {
        "image": f"docker.io/library/redis:{service.version}-alpine",
        "command": ["sh", "-c", f'echo "requirepass $$(cat /run/secrets/redis)" | redis-server - {options}'],
        "user": USER,
        "read_only": True,
        "secrets": ["redis"],
        "tmpfs": [f"/data:size={limits.maxmemory_bytes},mode=1777"],
        "depends_on": {"redis-sysctl-init": {"condition": "service_completed_successfully"}},
    }


def omeroserver(stack: Stack, name: str) -> dict[str, Any]:
    """The OMERO API: OMERO.server, or the embedded OMERO when OMERO_SERVER_IMAGE says so."""
    service = stack.services[name]
    database = stack.services["database"]
    if database.database is None:
        raise ValueError("services.database needs a database table")
    return {
        "image": "${OMERO_SERVER_IMAGE:-" + own_image("omeroserver") + "}",
        "hostname": name,
        "user": USER,
        "env_file": ["env/omeroserver.env"],
        "environment": {
            "OMEROHOST": "127.0.0.1",
            "OMERO_PORT": str(service.ports["ssl"]),
            "OMERO_TCP_PORT": str(service.ports["tcp"]),
            "OMERO_DB_HOST": "database",
            "OMERO_DB_PORT": str(database.ports["postgresql"]),
            "OMERO_DB_NAME": database.database.name,
            "OMERO_DB_USER": database.database.user,
            **secret_variables(**SERVER_SECRETS),
        },
        "secrets": sorted(SERVER_SECRETS.values()),
        "ulimits": {"nofile": {"soft": 15000, "hard": 15000}},
        "volumes": [
            mount("OMERO_USER_DATA_PATH", "/OMERO"),
            mount("OMERO_SERVER_VAR_PATH", "/opt/omero/server/OMERO.server/var"),
            mount("OMERO_SERVER_LOGS_PATH", "/opt/omero/server/OMERO.server/var/log"),
        ],
    }


def web_environment(stack: Stack) -> dict[str, str]:
    """What OMERO.web and the worker are told about the others."""
    plugin = stack.services["database_plugin"]
    limits = stack.services["redis"].redis
    if plugin.database is None or limits is None:
        raise ValueError("stack.toml must describe the plugin database and Redis")
    port = stack.services["redis"].ports["redis"]
    cache, celery = (f"redis://redis:{port}/{number}" for number in (limits.cache_db, limits.celery_db))
    address = {
        name: f"http://{name}:{stack.services[name].ports['http']}"
        for name in ("loki", "grafana", "prometheus")
    }
    return {
        "OMEROHOST": "omeroserver",
        "OMERO_PORT": str(stack.services["omeroserver"].ports["ssl"]),
        "OMP_DATA_HOST": host_name("database_plugin"),
        "OMP_DATA_PORT": str(plugin.ports["postgresql"]),
        "OMP_DATA_DB": plugin.database.name,
        "OMP_DATA_USER": plugin.database.user,
        "OMERO_IMS_CELERY_BROKER_URL": celery,
        "OMERO_IMS_CELERY_BACKEND_URL": celery,
        "OMERO_PLUGIN_RATE_REDIS_URL": cache,
        "OMERO_WEB_CACHE_URL": cache,
        "ADMIN_TOOLS_LOKI_URL": address["loki"],
        "ADMIN_TOOLS_GRAFANA_URL": address["grafana"],
        "ADMIN_TOOLS_PROMETHEUS_URL": address["prometheus"],
        **secret_variables(**WEB_SECRETS),
    }


def omeroweb(stack: Stack, name: str) -> dict[str, Any]:
    """OMERO.web with the Imaris worker beside it."""
    return {
        "image": own_image("omeroweb"),
        "user": USER,
        "env_file": ["env/omeroweb.env", "env/omero-celery.env"],
        "environment": {
            **web_environment(stack),
            "OMERO_WEB_LISTEN": f"0.0.0.0:{stack.services[name].ports['http']}",
            "OMERO_WORKER_QUEUES": "imaris_export",
        },
        "secrets": sorted(WEB_SECRETS.values()),
        "tmpfs": [JOBS],
        "volumes": [
            mount("OMERO_USER_DATA_PATH", "/OMERO"),
            mount("OMERO_UPLOAD_PATH", "/opt/tmp"),
            mount("OMERO_WEB_VAR_PATH", "/opt/omero/web/OMERO.web/var"),
            mount("OMERO_WEB_LOGS_PATH", "/opt/omero/web/OMERO.web/var/log"),
            mount("OMERO_WEB_SUPERVISOR_LOGS_PATH", "/opt/omero/web/logs"),
            mount("OMERO_SERVER_LOGS_PATH", "/opt/omero/server/OMERO.server/var/log", read_only=True),
            f"{QUOTA_SOCKET}:{QUOTA_FOLDER}:ro",
            "/var/run/docker.sock:/var/run/docker.sock:ro",
        ],
    }


def worker(stack: Stack, _name: str) -> dict[str, Any]:
    """The worker of all other jobs."""
    return {
        "image": own_image("worker"),
        "user": USER,
        "env_file": ["env/omeroweb.env", "env/omero-celery.env"],
        "environment": {**web_environment(stack), "OMERO_WORKER_QUEUES": "default"},
        "secrets": sorted(WEB_SECRETS.values()),
        "tmpfs": [JOBS],
        "volumes": [mount("OMERO_USER_DATA_PATH", "/OMERO"), mount("OMERO_UPLOAD_PATH", "/opt/tmp")],
    }


def pg_maintenance(stack: Stack) -> dict[str, Any]:
    """The databases' upkeep on the schedule of stack.toml."""
    told: dict[str, str] = {}
    for prefix, name in (("OMERO_DB", "database"), ("PLUGIN_DB", "database_plugin")):
        service = stack.services[name]
        if service.database is None:
            raise ValueError(f"services.{name} needs a database table")
        told |= {
            f"{prefix}_HOST": host_name(name),
            f"{prefix}_PORT": str(service.ports["postgresql"]),
            f"{prefix}_NAME": service.database.name,
            f"{prefix}_USER": service.database.user,
        }
    return {
        "image": own_image("pg-maintenance"),
        "user": USER,
        "restart": "unless-stopped",
        "read_only": True,
        "security_opt": ["no-new-privileges:true"],
        "networks": {"omero": {"aliases": ["pg-maintenance"]}},
        "healthcheck": {
            "test": ["CMD", *PYTHON_CHECK.split(), "maintenance"],
            **HEALTH,
            "start_period": "10s",
        },
        "environment": {"TZ": stack.timezone, **told, **secret_variables(**MAINTENANCE_SECRETS)},
        "secrets": sorted(MAINTENANCE_SECRETS.values()),
        "depends_on": {name: {"condition": "service_healthy"} for name in stack.maintenance.databases},
        "volumes": [mount("PG_MAINTENANCE_DATA_PATH", "/var/lib/pg-maintenance")],
        "tmpfs": ["/tmp"],  # noqa: S108 - in the container
    }


def sysctl_init() -> dict[str, Any]:
    """Runs once: without vm.overcommit_memory=1 Redis may fail to fork."""
    return {
        "image": own_image("redis-sysctl-init"),
        "restart": "no",
        "privileged": True,
        "network_mode": "none",
        "security_opt": ["no-new-privileges:true"],
    }
