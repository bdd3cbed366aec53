"""What the connector reads from the environment."""

from __future__ import annotations

from functools import cache

from omero_plugin_common.env_utils import ENV_FILE_CELERY
from omero_plugin_common.settings_schema.load import load
from omero_plugin_common.settings_schema.schema import setting, settings_schema


@settings_schema(title="Imaris connector", env_file=ENV_FILE_CELERY)
class ImarisSettings:
    """How exports are made, how long they may take and how long they are kept."""

    use_job_service: bool = setting(
        "OMERO_IMS_USE_JOB_SERVICE_SESSION",
        "Export through the job-service account, which acts for the user; otherwise through the user's own session, "
        "which must last as long as the export.",
        default=True,
    )
    script_name: str = setting(
        "OMERO_IMS_SCRIPT_NAME", "File name of the OMERO script that exports.", default="IMS_Export.py"
    )
    work_folder: str = setting(
        "OMERO_IMS_EXPORT_DIR",
        "Folder on the OMERO server for files under construction, prepared with an empty file `.ims-work-folder`; "
        "by default the script's own temporary folder.",
        default="",
        example="/OMERO/ImarisExports",
    )
    export_timeout_seconds: int = setting(
        "OMERO_IMS_EXPORT_TIMEOUT",
        "Longest time one export may run.",
        default=3600,
        minimum=10,
        maximum=604800,
    )
    poll_seconds: float = setting(
        "OMERO_IMS_POLL_INTERVAL",
        "How often the worker looks at a running script.",
        default=0.5,
        minimum=0.1,
        maximum=60,
    )
    start_timeout_seconds: int = setting(
        "OMERO_IMS_SCRIPT_START_TIMEOUT",
        "How long to wait for a free script processor.",
        default=180,
        minimum=1,
        maximum=86400,
    )
    retry_seconds: float = setting(
        "OMERO_IMS_SCRIPT_START_RETRY_INTERVAL",
        "First pause before asking for a script processor again; it doubles each time.",
        default=5.0,
        minimum=0.1,
        maximum=600,
    )
    sync_timeout_seconds: int = setting(
        "OMERO_IMS_SYNC_TIMEOUT",
        "How long a request without `async=1` waits for its file.",
        default=300,
        minimum=1,
        maximum=3600,
    )
    most_images: int = setting(
        "OMERO_IMS_MAX_IMAGES", "Images that one request may export.", default=100, minimum=1, maximum=10000
    )
    keep_days: int = setting(
        "OMERO_IMS_CACHE_DAYS",
        "Exports are deleted when nobody downloaded them for so long.",
        default=14,
        minimum=1,
        maximum=3650,
    )
    cache_gigabytes: int = setting(
        "OMERO_IMS_CACHE_GB",
        "Exports kept in all; the ones unused for longest are deleted first.",
        default=500,
        minimum=1,
        maximum=1000000,
    )


@cache
def imaris_settings() -> ImarisSettings:
    """Return the settings of this process."""
    return load(ImarisSettings)
