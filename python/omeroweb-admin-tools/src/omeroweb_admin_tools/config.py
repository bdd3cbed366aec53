"""What the admin tools read from the environment; everything is optional."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from omero_plugin_common.env_utils import ENV_FILE_OMEROWEB, ENV_FILE_SECRETS
from omero_plugin_common.settings_schema.load import load
from omero_plugin_common.settings_schema.schema import setting, settings_schema


@settings_schema(title="Admin tools", env_file=ENV_FILE_OMEROWEB)
class AdminSettings:
    """Where the stack's description, logs, monitoring, data and quotas are."""

    stack_file: Path | None = setting(
        "ADMIN_TOOLS_STACK_FILE",
        "The description of the stack (stack.toml); without it services are not listed.",
        default=None,
    )
    stack_host: str = setting(
        "ADMIN_TOOLS_STACK_HOST",
        "Host that all services run on; empty when each has its own host, named after the service.",
        default="",
    )
    port_offset: int = setting(
        "ADMIN_TOOLS_PORT_OFFSET",
        "Added to every port of the stack's description.",
        default=0,
        minimum=0,
        maximum=60000,
    )
    ways: str = setting(
        "ADMIN_TOOLS_STACK_RUNS",
        "Which services of the description run here: those marked local, or those marked image.",
        default="image",
        choices=("local", "image"),
    )
    log_dir: Path | None = setting(
        "ADMIN_TOOLS_LOG_DIR", "Folder of local log files, searched where no Loki runs.", default=None
    )
    loki_url: str = setting(
        "ADMIN_TOOLS_LOKI_URL",
        "Address of Loki; empty takes it from the stack's description, and local files are read where there is none.",
        default="",
    )
    log_lookback_seconds: int = setting(
        "ADMIN_TOOLS_LOG_LOOKBACK_SECONDS",
        "How far back the log page looks at first.",
        default=900,
        minimum=1,
        maximum=31_536_000,
    )
    log_max_entries: int = setting(
        "ADMIN_TOOLS_LOG_MAX_ENTRIES", "Most entries per search.", default=5000, minimum=1, maximum=5000
    )
    log_timeout_seconds: float = setting(
        "ADMIN_TOOLS_LOG_REQUEST_TIMEOUT_SECONDS",
        "Longest time one search may take.",
        default=10.0,
        minimum=0.5,
        maximum=60.0,
    )
    prometheus_url: str = setting(
        "ADMIN_TOOLS_PROMETHEUS_URL",
        "Address of Prometheus; empty takes it from the stack's description.",
        default="",
    )
    grafana_url: str = setting(
        "ADMIN_TOOLS_GRAFANA_URL",
        "Address of Grafana; empty takes it from the stack's description.",
        default="",
    )
    prometheus_public_url: str = setting(
        "ADMIN_TOOLS_PROMETHEUS_PUBLIC_URL",
        "Address of Prometheus for browsers; empty to go through OMERO.web.",
        default="",
    )
    grafana_public_url: str = setting(
        "ADMIN_TOOLS_GRAFANA_PUBLIC_URL",
        "Address of Grafana for browsers; empty to go through OMERO.web.",
        default="",
    )
    grafana_token: str = setting(
        "ADMIN_TOOLS_GRAFANA_TOKEN",
        "Token of a Grafana service account with the role Viewer, for the pages shown through OMERO.web.",
        env_file=ENV_FILE_SECRETS,
        secret=True,
        default="",
    )
    dashboard_uid: str = setting(
        "ADMIN_TOOLS_GRAFANA_DASHBOARD_UID", "Dashboard to open first.", default="omero-infrastructure"
    )
    dashboard_slug: str = setting(
        "ADMIN_TOOLS_GRAFANA_DASHBOARD_SLUG", "Its name in addresses.", default="server-infrastructure"
    )
    container_socket: Path = setting(
        "ADMIN_TOOLS_DOCKER_SOCKET",
        "Unix socket of Docker or Podman; only ever read.",
        default=Path("/var/run/docker.sock"),
    )
    data_dir: Path = setting("OMERO_DATA_DIR", "Folder of OMERO's binary data.", default=Path("/OMERO"))
    storage_every_seconds: int = setting(
        "ADMIN_TOOLS_STORAGE_EVERY_SECONDS",
        "How old storage figures get before they are measured again.",
        default=21_600,
        minimum=60,
        maximum=604_800,
    )
    storage_keep_days: int = setting(
        "ADMIN_TOOLS_STORAGE_KEEP_DAYS",
        "How long figures are kept for the trend.",
        default=730,
        minimum=30,
        maximum=3650,
    )
    managed_group_root: Path | None = setting(
        "ADMIN_TOOLS_MANAGED_GROUP_ROOT",
        "Folder with one sub-folder per group; by default ManagedRepository in the data folder.",
        default=None,
    )
    quota_socket: Path = setting(
        "ADMIN_TOOLS_QUOTA_SOCKET",
        "Unix socket of the service that sets file-system quotas.",
        default=Path("/run/omero-quota/quota.sock"),
    )
    min_quota_gb: float = setting(
        "ADMIN_TOOLS_MIN_QUOTA_GB", "Smallest quota a group may have.", default=0.10, minimum=0.001
    )
    default_quota_gb: float = setting(
        "ADMIN_TOOLS_DEFAULT_GROUP_QUOTA_GB", "Quota of a new group.", default=0.10, minimum=0.001
    )
    auto_default_quota: bool = setting(
        "ADMIN_TOOLS_AUTO_SET_DEFAULT_GROUP_QUOTA",
        "Give groups without a quota the default one.",
        default=False,
    )
    quota_interval_seconds: int = setting(
        "ADMIN_TOOLS_QUOTA_RECONCILE_INTERVAL_SECONDS",
        "How often the quotas are compared with what is enforced.",
        default=60,
        minimum=10,
        maximum=86_400,
    )
    diagnostic_timeout_seconds: float = setting(
        "ADMIN_TOOLS_DIAGNOSTIC_TIMEOUT_SECONDS",
        "Longest time one check of the network may take.",
        default=3.5,
        minimum=0.2,
        maximum=60.0,
    )
    database_host: str = setting("OMERO_DB_HOST", "Host of the OMERO database.", default="database")
    database_port: int = setting(
        "OMERO_DB_PORT", "Port of the OMERO database.", default=5432, minimum=1, maximum=65535
    )
    database_name: str = setting("OMERO_DB_NAME", "Name of the OMERO database.", default="omero")
    database_user: str = setting("OMERO_DB_USER", "Role that the diagnostics log in with.", default="omero")
    database_password: str = setting(
        "OMERO_DB_PASS", "Password of that role.", env_file=ENV_FILE_SECRETS, secret=True, default=""
    )

    @property
    def group_root(self) -> Path:
        """The folder with one sub-folder per group."""
        return self.managed_group_root or self.data_dir / "ManagedRepository"


@cache
def admin_settings() -> AdminSettings:
    return load(AdminSettings)
