"""The host paths of the compose file: the 15 variables of `installation_paths.env`."""

from __future__ import annotations

from dataclasses import dataclass

FILE = "installation_paths.env"
ROOT = "/opt/omero"


@dataclass(frozen=True)
class HostPath:
    """A folder of the host: its variable, where it is by default, and what it holds."""

    variable: str
    default: str
    meaning: str


HOST_PATHS = (
    HostPath("OMERO_DATABASE_PATH", f"{ROOT}/postgresdb/omero_database", "OMERO database"),
    HostPath("OMERO_PLUGIN_DATABASE_PATH", f"{ROOT}/postgresdb/plugin_database", "plugin database"),
    HostPath("OMERO_DATA_PATH", f"{ROOT}/omero_data", "parent of the folders below"),
    HostPath("OMERO_USER_DATA_PATH", f"{ROOT}/omero_data/omero_user_data", "pixels and files: OMERO's binary repository"),
    HostPath("OMERO_UPLOAD_PATH", f"{ROOT}/omero_data/omero_upload", "uploads that wait for their import"),
    HostPath("OMERO_SERVER_VAR_PATH", f"{ROOT}/omero_data/omero_server_var", "state of OMERO.server"),
    HostPath("OMERO_SERVER_LOGS_PATH", f"{ROOT}/omero_data/omero_server_logs", "logs of OMERO.server"),
    HostPath("OMERO_WEB_VAR_PATH", f"{ROOT}/omero_data/omero_web_var", "configuration and static files of OMERO.web"),
    HostPath("OMERO_WEB_LOGS_PATH", f"{ROOT}/omero_data/omero_web_logs", "logs of OMERO.web"),
    HostPath("OMERO_WEB_SUPERVISOR_LOGS_PATH", f"{ROOT}/omero_data/omero_web_supervisor_logs", "logs of its supervisor"),
    HostPath("PORTAINER_DATA_PATH", f"{ROOT}/omero_data/portainer_data", "Portainer"),
    HostPath("PROMETHEUS_DATA_PATH", f"{ROOT}/omero_data/prometheus_data", "metrics"),
    HostPath("GRAFANA_DATA_PATH", f"{ROOT}/omero_data/grafana_data", "Grafana"),
    HostPath("LOKI_DATA_PATH", f"{ROOT}/omero_data/loki_data", "collected logs"),
    HostPath("PG_MAINTENANCE_DATA_PATH", f"{ROOT}/omero_data/pg_maintenance_data", "what maintenance notes"),
)  # fmt: skip


def paths_file() -> str:
    """The text of the file."""
    lines = [
        "# Folders on the host. Make them, and give them to the account that containers run as (uid 1000)."
    ]
    for path in HOST_PATHS:
        lines += ["", f"# {path.meaning}", f"{path.variable}={path.default}"]
    return "\n".join(lines) + "\n"


def mount(variable: str, target: str, *, read_only: bool = False) -> str:
    """A bind mount; compose refuses to start when the variable is not set."""
    if all(path.variable != variable for path in HOST_PATHS):
        raise ValueError(f"{variable} is not a variable of {FILE}")
    return f"${{{variable}:?set it in {FILE}}}:{target}{':ro' if read_only else ''}"
