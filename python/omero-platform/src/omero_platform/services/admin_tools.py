"""What the admin tools are told about this stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.instance import HOST
from omero_platform.monitoring.elsewhere import addresses
from omero_platform.secret_files import secret

if TYPE_CHECKING:
    from omero_platform.instance import Instance


def admin_environment(instance: Instance) -> dict[str, str]:
    """Where the description, the logs, the monitoring, the data and the OMERO database are."""
    database = instance.service("database").database
    if database is None:
        raise ValueError("stack.toml must describe the OMERO database")
    return {
        "ADMIN_TOOLS_STACK_FILE": str(instance.root / "stack.toml"),
        "ADMIN_TOOLS_STACK_HOST": HOST,
        "ADMIN_TOOLS_STACK_RUNS": "local",
        "ADMIN_TOOLS_PORT_OFFSET": str(instance.port_offset),
        "ADMIN_TOOLS_LOG_DIR": str(instance.log),
        **{
            f"ADMIN_TOOLS_{name.upper()}_URL": url
            for name, url in addresses(instance).items()
            if name in ("grafana", "loki")
        },
        "OMERO_DATA_DIR": str(instance.data / "omeroserver"),
        "ADMIN_TOOLS_QUOTA_STATE_PATH": str(instance.data / "omeroweb/quotas/group-quotas.json"),
        "OMERO_DB_HOST": HOST,
        "OMERO_DB_PORT": str(instance.port("database", "postgresql")),
        "OMERO_DB_NAME": database.name,
        "OMERO_DB_USER": database.user,
        "OMERO_DB_PASS": secret(instance, "database"),
    }
