"""What the plugin reads from the environment."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from omero_plugin_common.env_utils import ENV_FILE_OMEROWEB
from omero_plugin_common.settings_schema.load import load
from omero_plugin_common.settings_schema.schema import setting, settings_schema

GIB = 1024**3


@settings_schema(title="Upload", env_file=ENV_FILE_OMEROWEB)
class UploadSettings:
    """Where uploads are kept, how many run at once, how large they may be and for how long they stay."""

    directory: Path = setting(
        "OMERO_WEB_UPLOAD_DIR",
        "Folder in which files wait for their import; on a volume with room, shared by OMERO.web and the worker.",
        default=Path("/opt/tmp/omero-upload"),
    )
    allow_root_layer: bool = setting(
        "OMERO_WEB_UPLOAD_ALLOW_ROOT_LAYER",
        "Accept a staging folder inside a container's own file system, which is small and lost with the container.",
        default=False,
    )
    concurrency: int = setting(
        "OMERO_WEB_UPLOAD_CONCURRENCY",
        "Files that one browser sends at the same time.",
        default=3,
        minimum=1,
        maximum=10,
    )
    requests_at_once: int = setting(
        "OMERO_WEB_UPLOAD_REQUESTS",
        "Transfers that one process of OMERO.web takes at the same time; keep it below its number of threads.",
        default=4,
        minimum=1,
        maximum=1000,
    )
    batch_files: int = setting(
        "OMERO_WEB_UPLOAD_BATCH_FILES",
        "File sets imported together, unless the user chose another number.",
        default=5,
        minimum=1,
        maximum=10,
    )
    import_threads: int = setting(
        "OMERO_WEB_UPLOAD_IMPORT_THREADS",
        "File sets of one batch that are sent to OMERO at the same time.",
        default=2,
        minimum=1,
        maximum=10,
    )
    largest_session_bytes: int = setting(
        "OMERO_WEB_UPLOAD_MAX_BYTES",
        "Bytes of all files of one upload.",
        default=1024 * GIB,
        minimum=1,
    )
    largest_session_files: int = setting(
        "OMERO_WEB_UPLOAD_MAX_FILES",
        "Number of files of one upload.",
        default=200_000,
        minimum=1,
        maximum=1_000_000,
    )
    user_quota_bytes: int = setting(
        "OMERO_WEB_UPLOAD_USER_QUOTA_BYTES",
        "Bytes that one user may have waiting for import, declared sizes included; 0 for no quota.",
        default=0,
        minimum=0,
    )
    keep_free_bytes: int = setting(
        "OMERO_WEB_UPLOAD_KEEP_FREE_BYTES",
        "Bytes that uploads leave free on the staging folder's file system.",
        default=2 * GIB,
        minimum=0,
    )
    import_timeout_seconds: int = setting(
        "OMERO_WEB_UPLOAD_IMPORT_TIMEOUT_SECONDS",
        "Longest time the import of one file set may take.",
        default=7200,
        minimum=60,
        maximum=86400,
    )
    idle_seconds: int = setting(
        "OMERO_WEB_UPLOAD_IDLE_SECONDS",
        "A transfer that brings no byte for this long is ended; the browser continues it where it was.",
        default=60,
        minimum=1,
        maximum=3600,
    )
    cleanup_interval_seconds: int = setting(
        "OMERO_WEB_UPLOAD_CLEANUP_INTERVAL",
        "How often the worker looks for uploads to remove.",
        default=300,
        minimum=10,
        maximum=21600,
    )
    cleanup_max_age_seconds: int = setting(
        "OMERO_WEB_UPLOAD_CLEANUP_MAX_AGE",
        "Finished, failed and cancelled uploads are removed after this.",
        default=43200,
        minimum=60,
        maximum=1_209_600,
    )
    cleanup_stale_age_seconds: int = setting(
        "OMERO_WEB_UPLOAD_CLEANUP_STALE_AGE",
        "Uploads that were left unfinished are removed after this.",
        default=172_800,
        minimum=60,
        maximum=2_592_000,
    )
    cleanup_max_delete: int = setting(
        "OMERO_WEB_UPLOAD_CLEANUP_MAX_DELETE",
        "Uploads removed at one time.",
        default=25,
        minimum=1,
        maximum=500,
    )
    disable_special_methods: bool = setting(
        "OMERO_WEB_UPLOAD_DISABLE_SPECIAL_METHODS",
        "Hide special methods such as SEM-EDX spectra.",
        default=False,
    )
    engine: str = setting(
        "OMERO_WEB_UPLOAD_ENGINE",
        "How files get into OMERO: by its API where possible, only by its API, or only by its command line (needs Java).",
        default="auto",
        choices=("auto", "api", "cli"),
    )
    omero_command: str = setting(
        "OMERO_WEB_UPLOAD_OMERO_COMMAND",
        "The OMERO command line that imports what needs Bio-Formats.",
        default="omero",
    )
    java_command: str = setting(
        "OMERO_WEB_UPLOAD_JAVA_COMMAND",
        "The Java that command line needs; looked for before it is used.",
        default="java",
    )
    cli_jars: str = setting(
        "OMERO_WEB_UPLOAD_CLI_JARS",
        "Folder with the OMERO.java jars of the server's version for that command line; empty for its own default.",
        default="",
    )
    in_place_shares: tuple[str, ...] = setting(
        "OMERO_WEB_UPLOAD_IN_PLACE_SHARES",
        "Folders whose files may be imported where they are, as name=/path, separated by commas.",
        default=(),
        example="microscope1=/mnt/microscope1",
    )
    in_place_users: tuple[str, ...] = setting(
        "OMERO_WEB_UPLOAD_IN_PLACE_USERS",
        "Login names that may import in place, separated by commas; * for everybody.",
        default=(),
        example="alice,bob",
    )


@cache
def upload_settings() -> UploadSettings:
    return load(UploadSettings)
