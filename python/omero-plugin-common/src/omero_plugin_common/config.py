"""What the shared library itself reads from the environment."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from omero_plugin_common.env_utils import ENV_FILE_CELERY, ENV_FILE_OMEROWEB, ENV_FILE_SECRETS
from omero_plugin_common.settings_schema.load import load
from omero_plugin_common.settings_schema.schema import setting, settings_schema


@settings_schema(title="Plugin database", env_file=ENV_FILE_OMEROWEB)
class DatabaseSettings:
    """Where the plugins keep their rows."""

    user: str = setting("OMP_DATA_USER", "Role of the plugin database.", default="omero-plugin")
    password: str = setting(
        "OMP_DATA_PASS", "Password of that role.", env_file=ENV_FILE_SECRETS, secret=True, default=""
    )
    host: str = setting(
        "OMP_DATA_HOST", "Host name or socket directory of the plugin database.", default="database-plugin"
    )
    port: int = setting(
        "OMP_DATA_PORT", "Port of the plugin database.", default=5433, minimum=1, maximum=65535
    )
    name: str = setting("OMP_DATA_DB", "Name of the plugin database.", default="omero-plugin")
    secret_keys_file: Path = setting(
        "OMERO_PLUGIN_SECRET_KEYS_FILE",
        "File with the keys that encrypt stored secrets, newest first; made by `omero-platform secrets rotate`.",
        default=Path("/opt/omero/web/OMERO.web/var/plugin-secret-keys"),
    )


@settings_schema(title="Jobs", env_file=ENV_FILE_CELERY)
class JobSettings:
    """How jobs are run and for how long they are kept."""

    broker_url: str = setting(
        "OMERO_IMS_CELERY_BROKER_URL", "Redis database that carries tasks.", default="redis://redis:6379/2"
    )
    result_url: str = setting(
        "OMERO_IMS_CELERY_BACKEND_URL", "Redis database for Celery's results.", default="redis://redis:6379/2"
    )
    queues: tuple[str, ...] = setting(
        "OMERO_PLUGIN_JOB_QUEUES",
        "Queues that jobs may use; the worker must listen to the same.",
        default=("default", "imaris_export"),
    )
    time_limit_seconds: int = setting(
        "OMERO_IMS_CELERY_TIME_LIMIT",
        "Longest time one job may run.",
        default=7200,
        minimum=60,
        maximum=604800,
    )
    result_expires_seconds: int = setting(
        "OMERO_IMS_CELERY_RESULT_EXPIRES", "How long Celery keeps results.", default=7200, minimum=60
    )
    progress_dir: Path = setting(
        "OMERO_PLUGIN_JOBS_DIR",
        "Folder on tmpfs for progress files, shared by OMERO.web and the worker.",
        default=Path("/dev/shm/omero-plugin-jobs"),  # noqa: S108
    )
    keep_days: int = setting(
        "OMERO_PLUGIN_JOBS_KEEP_DAYS",
        "Finished jobs are pruned after this.",
        default=30,
        minimum=1,
        maximum=3650,
    )
    per_user_limit: int = setting(
        "OMERO_PLUGIN_JOBS_PER_USER",
        "Unfinished jobs one user may have.",
        default=200,
        minimum=1,
        maximum=100000,
    )
    sweep_seconds: float = setting(
        "OMERO_PLUGIN_JOBS_SWEEP_SECONDS",
        "How often the worker looks for lost jobs.",
        default=5.0,
        minimum=0.2,
    )
    lease_seconds: float = setting(
        "OMERO_PLUGIN_JOBS_LEASE_SECONDS",
        "A running job whose worker is silent for this long goes back to the queue.",
        default=30.0,
        minimum=2.0,
    )


@settings_schema(title="OMERO sessions of the worker", env_file=ENV_FILE_OMEROWEB)
class OmeroSettings:
    """How the worker reaches the OMERO server on behalf of a user."""

    host: str = setting("OMEROHOST", "Host name of the OMERO server.", default="omeroserver")
    port: int = setting("OMERO_PORT", "SSL port of the OMERO server.", default=4064, minimum=1, maximum=65535)
    secure: bool = setting("OMERO_JOB_SERVICE_SECURE", "Encrypt all traffic to the server.", default=True)
    username: str = setting(
        "OMERO_JOB_SERVICE_USERNAME",
        "Light administrator with only the Sudo privilege.",
        default="job-service",
    )
    password: str = setting(
        "OMERO_JOB_SERVICE_PASS", "Password of that account.", env_file=ENV_FILE_SECRETS, secret=True
    )


@settings_schema(title="Rate limits", env_file=ENV_FILE_OMEROWEB)
class RateSettings:
    """How often one user may start something big."""

    redis_url: str = setting(
        "OMERO_PLUGIN_RATE_REDIS_URL", "Redis database that counts actions.", default="redis://redis:6379/1"
    )
    actions: int = setting(
        "OMERO_PLUGIN_RATE_ACTIONS", "Actions per window.", default=6, minimum=1, maximum=10000
    )
    window_seconds: int = setting("OMERO_PLUGIN_RATE_WINDOW", "Length of the window.", default=60, minimum=1)
    block_seconds: int = setting("OMERO_PLUGIN_RATE_BLOCK", "Pause after too many.", default=60, minimum=1)


@settings_schema(title="Pages and metrics", env_file=ENV_FILE_OMEROWEB)
class WebSettings:
    """Switches of the shared pages."""

    component_page: bool = setting(
        "OMERO_PLUGIN_COMPONENT_PAGE",
        "Show the component page to people who are not logged in.",
        default=False,
    )
    metrics_token: str = setting(
        "OMERO_PLUGIN_METRICS_TOKEN",
        "Bearer token for the metrics page; without one only this machine and private networks may read it.",
        env_file=ENV_FILE_SECRETS,
        secret=True,
        default="",
    )


@settings_schema(title="Group quotas", env_file=ENV_FILE_OMEROWEB)
class QuotaSettings:
    """Where the quotas of groups are kept, for the admin tools that set them and the uploads that heed them."""

    state_path: Path = setting(
        "ADMIN_TOOLS_QUOTA_STATE_PATH",
        "File with the quotas of all groups, in a folder that only OMERO.web may write.",
        default=Path("/OMERO/.admin-tools/group-quotas.json"),
    )


ALL_SCHEMAS = (DatabaseSettings, JobSettings, OmeroSettings, RateSettings, WebSettings, QuotaSettings)


@cache
def database_settings() -> DatabaseSettings:
    return load(DatabaseSettings)


@cache
def job_settings() -> JobSettings:
    return load(JobSettings)


@cache
def omero_settings() -> OmeroSettings:
    return load(OmeroSettings)


@cache
def rate_settings() -> RateSettings:
    return load(RateSettings)


@cache
def web_settings() -> WebSettings:
    return load(WebSettings)


@cache
def quota_settings() -> QuotaSettings:
    return load(QuotaSettings)
