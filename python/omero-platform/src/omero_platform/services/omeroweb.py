"""OMERO.web under gunicorn, with its plugins; sessions and cache live in Redis, static files are served by itself."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cryptography.fernet import Fernet

from omero_platform.errors import PlatformError
from omero_platform.instance import HOST, write_atomically
from omero_platform.secret_files import secret
from omero_platform.services.admin_tools import admin_environment
from omero_platform.services.omeroweb_settings import COMMON_APP, OWN_APPS, installed_apps, web_settings
from omero_platform.services.redis import redis_url
from omero_platform.supervisor import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omero_platform.instance import Instance

WORKERS = 2
THREADS_PER_WORKER = 5
JOB_SERVICE_USER = "job-service"


def omero_dir(instance: Instance) -> Path:
    """What OMERO calls OMERODIR: configuration and static files."""
    return instance.data / "omeroweb"


def plugin_environment(instance: Instance) -> dict[str, str]:
    """What the plugins read, in OMERO.web as in the worker."""
    database = instance.service("database_plugin").database
    redis = instance.service("redis").redis
    celery = instance.service("worker").celery
    if database is None or redis is None or celery is None:
        raise ValueError("stack.toml must describe the plugin database, Redis and the worker's queues")
    return {
        "OMERODIR": str(omero_dir(instance)),
        "DJANGO_SETTINGS_MODULE": "omeroweb.settings",
        "OMP_DATA_HOST": HOST,
        "OMP_DATA_PORT": str(instance.port("database_plugin", "postgresql")),
        "OMP_DATA_DB": database.name,
        "OMP_DATA_USER": database.user,
        "OMP_DATA_PASS": secret(instance, "database_plugin"),
        "OMERO_PLUGIN_SECRET_KEYS_FILE": str(secret_keys_file(instance)),
        "OMERO_IMS_CELERY_BROKER_URL": redis_url(instance, redis.celery_db),
        "OMERO_IMS_CELERY_BACKEND_URL": redis_url(instance, redis.celery_db),
        "OMERO_PLUGIN_JOB_QUEUES": ",".join(celery.queues),
        "OMERO_PLUGIN_JOBS_DIR": str(instance.run / "jobs"),
        "OMERO_PLUGIN_RATE_REDIS_URL": redis_url(instance, redis.cache_db),
        "FMP_HASH_SECRET": secret(instance, "ownership-marks"),
        "OMERO_WEB_UPLOAD_DIR": str(instance.data / "upload"),
        "OMERO_WEB_UPLOAD_ALLOW_ROOT_LAYER": "true",  # the data folder was chosen by a person
        "PROMETHEUS_MULTIPROC_DIR": str(metrics_folder(instance)),
        "OMEROHOST": HOST,
        "OMERO_PORT": str(instance.port("omeroserver", "ssl")),
        "OMERO_JOB_SERVICE_USERNAME": JOB_SERVICE_USER,
        "OMERO_JOB_SERVICE_PASS": secret(instance, JOB_SERVICE_USER),
        **admin_environment(instance),
    }


def metrics_folder(instance: Instance) -> Path:
    """Where the processes of OMERO.web and of the worker leave their metrics for each other."""
    return instance.run / "metrics"


def prepare_metrics(instance: Instance) -> None:
    """Make that folder, and clear out what processes that are gone have left."""
    folder = metrics_folder(instance)
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*_*.db"):
        if not Path("/proc", path.stem.rpartition("_")[2]).exists():
            path.unlink(missing_ok=True)


def secret_keys_file(instance: Instance) -> Path:
    """The keys that encrypt what users entrust to the plugins; made once."""
    path = instance.secrets / "plugin-secret-keys"
    if not path.exists():
        secret(instance, JOB_SERVICE_USER)  # makes the folder
        write_atomically(path, Fernet.generate_key().decode() + "\n", mode=0o600)
    return path


def prepare(instance: Instance, _service: str) -> None:
    """Write the configuration and collect the static files when they are not those of this version."""
    folder = omero_dir(instance)
    for name in ("etc/grid", "var"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    logs = folder / "var/log"  # OMERO.web insists on this place
    if not logs.is_symlink():
        shutil.rmtree(logs, ignore_errors=True)
        logs.symlink_to(instance.log)
    (instance.run / "jobs").mkdir(exist_ok=True)
    prepare_metrics(instance)
    redis = instance.service("redis").redis
    settings = web_settings(
        server_port=instance.port("omeroserver", "ssl"),
        cache_url=redis_url(instance, redis.cache_db if redis else 0),
        time_zone=instance.stack.timezone,
        apps=installed_apps(),
    )
    write_atomically(folder / "etc/grid/config.xml", config_xml(settings), mode=0o600)
    collect_static_files(instance)


def config_xml(settings: Mapping[str, object]) -> str:
    """OMERO's configuration file; values that are no strings are written as JSON, as `omero config` does."""
    root = ET.Element("icegrid")
    for profile in ("__ACTIVE__", "default"):
        properties = ET.SubElement(root, "properties", id=profile)
        facts = {
            "omero.config.version": "5.1.0",
            **({"omero.config.profile": "default"} if profile != "default" else {}),
        }
        for name, value in {**facts, **settings}.items():
            text = value if isinstance(value, str) else json.dumps(value)
            ET.SubElement(properties, "property", name=name, value=text)
    return ET.tostring(root, encoding="unicode") + "\n"


def static_files_version(instance: Instance) -> str:
    """Changes when the packages or the platform's own static files change."""
    config = (omero_dir(instance) / "etc/grid/config.xml").read_bytes()
    own = file_states(
        path for app in OWN_APPS for path in instance.root.glob(f"python/*/src/{app.name}/static/**/*")
    )
    return hashlib.sha256(sys.prefix.encode() + config + own.encode()).hexdigest()


def file_states(paths: Iterable[Path]) -> str:
    """Changes when one of the files does."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        state = path.stat()
        digest.update(f"{path}{state.st_size}{state.st_mtime_ns}".encode())
    return digest.hexdigest()


def collect_static_files(instance: Instance) -> None:
    """Copy the static files of all apps into one folder, unless that was done for this version already."""
    static = omero_dir(instance) / "var/static"
    version = static_files_version(instance)
    mark = omero_dir(instance) / "var/static.version"
    if static.exists() and mark.exists() and mark.read_text().strip() == version:
        return
    mark.unlink(missing_ok=True)
    shutil.rmtree(static, ignore_errors=True)
    run_django(instance, "collectstatic", "--no-input", "--verbosity", "0")
    write_atomically(mark, version + "\n")


def migrate(instance: Instance, _service: str) -> None:
    """Bring the plugin database up to date, unless these migrations were applied to it already."""
    if not any(app.name == COMMON_APP for app in installed_apps()):
        return
    mark = instance.data / "database_plugin" / "migrations.version"  # beside the database that it is about
    version = file_states(instance.root.glob("python/*/src/*/migrations/*.py"))
    if mark.exists() and mark.read_text().strip() == version:
        return
    run_django(instance, "migrate_plugins")
    write_atomically(mark, version + "\n")


def run_django(instance: Instance, *arguments: str) -> str:
    """Run one of Django's commands with OMERO.web's settings, and return what it said.

    Raises PlatformError with what it said last.
    """
    result = subprocess.run(  # noqa: S603
        instance.python("django", *arguments),
        env={**instance.environment(), **plugin_environment(instance)},
        capture_output=True,
        text=True,
        check=False,
        cwd=instance.data,
    )
    if result.returncode:
        log = instance.log / f"{arguments[0]}.log"
        log.write_text(result.stdout + result.stderr)
        last = (result.stderr.strip() or result.stdout.strip()).splitlines()[-1:]
        raise PlatformError(
            f"OMERO.web's `{arguments[0]}` failed: {' '.join(last)}", f"The whole output is in {log}."
        )
    return result.stdout


def program(instance: Instance, service: str) -> Program:
    """The gunicorn process with its workers."""
    command = instance.python(
        "gunicorn", "omeroweb.wsgi:application",
        "--bind", f"{HOST}:{instance.port(service, 'http')}",
        "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS_PER_WORKER),
        "--timeout", "120", "--worker-tmp-dir", str(instance.run), "--no-control-socket",
    )  # fmt: skip
    return Program(service, command, plugin_environment(instance))
