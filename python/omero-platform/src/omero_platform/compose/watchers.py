"""The caretaker, and the service of root that sets quotas, as the compose file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.compose.parts import HEALTH, USER, own_image, secret_variables
from omero_platform.compose.paths import mount
from omero_platform.compose.topology import host_name

if TYPE_CHECKING:
    from omero_platform.stack import Stack

CARETAKER_SECRETS = {
    "OMERO_DB_PASS": "database",
    "PLUGIN_DB_PASS": "database-plugin",
    "REDIS_PASSWORD": "redis",
}
WATCHED_FOLDERS = {
    "omero_data": ("OMERO_USER_DATA_PATH", "/watch/omero_data"),
    "database_main": ("OMERO_DATABASE_PATH", "/watch/database_main"),
    "database_plugin": ("OMERO_PLUGIN_DATABASE_PATH", "/watch/database_plugin"),
}
QUOTA_SOCKET, QUOTA_FOLDER = "quota-socket", "/run/omero-quota"
QUOTA_NUMBERS = "quota-numbers"


def caretaker(stack: Stack, name: str) -> dict[str, Any]:
    """Health metrics of all services; what stack.toml schedules is pg-maintenance's."""
    others = [service for service in stack.services if service != name]
    return {
        "image": own_image("worker"),
        "user": USER,
        "read_only": True,
        "command": ["python", "-P", "-m", "omero_platform.hosted", "caretaker"],
        "environment": {
            "OMERO_CARETAKER_LISTEN": f"0.0.0.0:{stack.services[name].ports['http']}",
            "OMERO_CARETAKER_WATCHES": " ".join(others),
            "OMERO_CARETAKER_HOSTS": " ".join(f"{service}={host_name(service)}" for service in others),
            "OMERO_CARETAKER_FOLDERS": " ".join(f"{kind}={path}" for kind, (_, path) in WATCHED_FOLDERS.items()),
            **secret_variables(**CARETAKER_SECRETS),
        },
        "secrets": sorted(CARETAKER_SECRETS.values()),
        "volumes": [mount(variable, path, read_only=True) for variable, path in WATCHED_FOLDERS.values()],
        "tmpfs": ["/tmp"],  # noqa: S108 - in the container
    }  # fmt: skip


def quota() -> dict[str, Any]:
    """Sets limits of groups on the file system; only with `--profile quota`, because it is root and sees the devices."""
    return {
        "image": own_image("omeroweb"),
        "profiles": ["quota"],
        "restart": "unless-stopped",
        "user": "0:0",
        "read_only": True,
        "network_mode": "none",
        "security_opt": ["no-new-privileges:true"],
        "cap_drop": ["ALL"],
        "cap_add": ["SYS_ADMIN", "FOWNER", "DAC_READ_SEARCH", "CHOWN"],
        "command": [
            "python", "-P", "-m", "omeroweb_admin_tools.enforcer",
            "--root", "/OMERO/ManagedRepository", "--socket", f"{QUOTA_FOLDER}/quota.sock",
            "--numbers", "/var/lib/omero-quota/projects.json", "--user", "omero",
        ],
        "healthcheck": {"test": ["CMD", "test", "-S", f"{QUOTA_FOLDER}/quota.sock"], **HEALTH, "start_period": "10s"},
        "volumes": [
            mount("OMERO_USER_DATA_PATH", "/OMERO"),
            f"{QUOTA_SOCKET}:{QUOTA_FOLDER}",
            f"{QUOTA_NUMBERS}:/var/lib/omero-quota",
            "/dev:/dev:ro",
        ],
    }  # fmt: skip
