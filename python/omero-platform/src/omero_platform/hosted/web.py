"""OMERO.web: its folder with configuration and static files, the plugin database's layout, then gunicorn."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from omero_platform.errors import PlatformError
from omero_platform.hosted.environment import required, secret
from omero_platform.hosted.execute import become
from omero_platform.instance import source_root, write_atomically
from omero_platform.services.omeroweb import config_xml
from omero_platform.services.omeroweb_settings import COMMON_APP, installed_apps, web_settings
from omero_platform.stack import load_stack

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

REDIS_URLS = (
    "OMERO_IMS_CELERY_BROKER_URL",
    "OMERO_IMS_CELERY_BACKEND_URL",
    "OMERO_PLUGIN_RATE_REDIS_URL",
    "OMERO_WEB_CACHE_URL",
)


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Prepare, then become gunicorn."""
    told = prepared(environ)
    prepare_folder(told)
    if COMMON_APP in [app.name for app in installed_apps()]:
        django(told, "migrate_plugins")
    collect_static_files(told)
    become(command(told), told)


def prepared(environ: dict[str, str]) -> dict[str, str]:
    """The environment that the plugins read, with Redis' password in its addresses and writable places made."""
    required(environ, "OMERODIR", "OMEROHOST", "OMERO_PORT", *REDIS_URLS)
    password = secret(environ, "REDIS_PASSWORD")
    told = {**environ, **{name: with_password(environ[name], password) for name in REDIS_URLS}}
    told["DJANGO_SETTINGS_MODULE"] = "omeroweb.settings"
    if keys := environ.get("OMERO_PLUGIN_SECRET_KEYS_FILE"):
        told["OMERO_PLUGIN_SECRET_KEYS_FILE"] = keys
    for name in ("OMERO_PLUGIN_JOBS_DIR", "PROMETHEUS_MULTIPROC_DIR", "HOME"):
        if folder := told.get(name):
            Path(folder).mkdir(mode=0o750, parents=True, exist_ok=True)
    return told


def with_password(url: str, password: str) -> str:
    """The address of a Redis database with the password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f":{quote(password, safe='')}@{parts.hostname}:{parts.port}"))


def prepare_folder(told: dict[str, str]) -> None:
    """Write OMERO's configuration file and the key of signatures, and make the folders."""
    folder = Path(told["OMERODIR"])
    for name in ("etc/grid", "var/log", "var/static"):
        (folder / name).mkdir(mode=0o750, parents=True, exist_ok=True)
    write_atomically(folder / "etc/grid/config.xml", config_xml(settings(told)), mode=0o600)
    key = folder / "var/django_secret_key"
    wanted = secret(told, "DJANGO_SECRET_KEY") + "\n"
    if not key.exists() or key.read_text(encoding="utf-8") != wanted:
        write_atomically(key, wanted, mode=0o600)


def settings(told: dict[str, str]) -> dict[str, Any]:
    """All settings of OMERO.web, the site's own last."""
    disabled = told.get("OMERO_WEB_DISABLED_APPS", "").split(",")
    found = web_settings(
        server_port=int(told["OMERO_PORT"]),
        cache_url=told["OMERO_WEB_CACHE_URL"],
        time_zone=told.get("TZ") or load_stack(source_root() / "stack.toml").timezone,
        apps=[app for app in installed_apps() if app.name not in disabled],
    )
    found["omero.web.server_list"] = [[told["OMEROHOST"], int(told["OMERO_PORT"]), "omero"]]
    if told.get("OMERO_WEB_SECURE_COOKIES") == "true":
        found["omero.web.session_cookie_secure"] = True
        found["omero.web.csrf_cookie_secure"] = True
    if site := told.get("OMERO_WEB_SETTINGS"):
        found.update(json.loads(Path(site).read_text(encoding="utf-8")))
    return found


def django(told: dict[str, str], *arguments: str) -> None:
    """Run one of Django's commands; raises PlatformError with what it said last."""
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-P", "-m", "django", *arguments],
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        last = (result.stderr.strip() or result.stdout.strip()).splitlines()[-1:]
        raise PlatformError(f"OMERO.web's `{arguments[0]}` failed: {' '.join(last)}")


def collect_static_files(told: dict[str, str]) -> None:
    """Copy the static files of all apps into one folder, unless that was done for these packages already."""
    static = Path(told["OMERODIR"], "var/static")
    config = Path(told["OMERODIR"], "etc/grid/config.xml").read_bytes()
    version = hashlib.sha256(sys.prefix.encode() + "".join(sys.path).encode() + config).hexdigest()
    mark = static.with_name("static.version")
    if mark.exists() and mark.read_text(encoding="utf-8").strip() == version:
        return
    mark.unlink(missing_ok=True)
    shutil.rmtree(static, ignore_errors=True)
    django(told, "collectstatic", "--no-input", "--verbosity", "0")
    write_atomically(mark, version + "\n")
    log.info("static=%s collected", static)


def command(told: dict[str, str]) -> list[str]:
    """gunicorn with its workers."""
    return [
        sys.executable, "-P", "-m", "gunicorn", "omeroweb.wsgi:application",
        "--bind", required(told, "OMERO_WEB_LISTEN")[0],
        "--workers", told.get("OMERO_WEB_WORKERS", "2"),
        "--worker-class", "gthread", "--threads", told.get("OMERO_WEB_THREADS", "5"),
        "--timeout", "120", "--worker-tmp-dir", "/dev/shm", "--no-control-socket",  # noqa: S108 - gunicorn's heartbeat
    ]  # fmt: skip
