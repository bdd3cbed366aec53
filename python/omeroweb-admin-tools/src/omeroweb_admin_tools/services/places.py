"""Which stack, which logs: made once from the settings."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings

from omero_plugin_common.stackfile import StackPlace, read_place
from omero_plugin_common.web.errors import UserError
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.services.logs.local import LocalLogs
from omeroweb_admin_tools.services.logs.loki import LokiLogs

if TYPE_CHECKING:
    from omeroweb_admin_tools.services.logs.query import LogStore

NO_LOGS = (
    "No logs are configured. Set ADMIN_TOOLS_LOKI_URL (the address of Loki) or ADMIN_TOOLS_LOG_DIR (a folder of log "
    "files) in env/omeroweb.env and restart OMERO.web."
)


@cache
def stack_place() -> StackPlace:
    """Return the services of the stack, none when its description is not configured or can't be read."""
    wanted = admin_settings()
    if wanted.stack_file is None:
        return StackPlace({})
    try:
        return read_place(wanted.stack_file, wanted.ways, wanted.stack_host, wanted.port_offset)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UserError(
            f"The description of the stack, {wanted.stack_file}, can't be read: {error}. "
            "Correct ADMIN_TOOLS_STACK_FILE in env/omeroweb.env and restart OMERO.web.",
            status=503,
        ) from error


def upstream(name: str) -> str:
    """Return the address of a service of the monitoring, from its setting or the stack; empty when it doesn't run here.

    `name` is grafana, loki or prometheus.
    """
    wanted = admin_settings()
    configured = {
        "grafana": wanted.grafana_url,
        "loki": wanted.loki_url,
        "prometheus": wanted.prometheus_url,
    }[name]
    place = stack_place()
    if configured or name not in place.services:
        return configured.rstrip("/")
    host, port = place.address(name)
    return f"http://{host}:{port}"


def log_store() -> LogStore:
    """Return where logs are searched: Loki when there is one, else the log folder; raises UserError 503."""
    wanted = admin_settings()
    services = stack_place().services
    loki = upstream("loki")
    if loki:
        return LokiLogs(loki, tuple(services), wanted.log_timeout_seconds)
    if wanted.log_dir is not None:
        files = {name: service.logs for name, service in services.items() if service.logs}
        return LocalLogs(wanted.log_dir, files, ZoneInfo(django_settings.TIME_ZONE))
    raise UserError(NO_LOGS, status=503)
