"""Django with OMERO.web's own settings for tests, pointing at servers on free ports."""

from __future__ import annotations

import atexit
import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet

from omero_plugin_common.testing.servers import PostgresServer, RedisServer, free_port, temporary_folder

if TYPE_CHECKING:
    from pathlib import Path

MIDDLEWARE = (
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
EXAMPLE_APP = "omero_plugin_common.testing.example_plugin"
BASE_APPS = ("omero_plugin_common", EXAMPLE_APP)


@dataclass(frozen=True, slots=True)
class TestEnvironment:
    """Where this test process's servers will listen and its files lie."""

    __test__ = False

    folder: Path
    postgres: PostgresServer
    redis: RedisServer
    apps: tuple[str, ...]

    @property
    def omerodir(self) -> Path:
        return self.folder / "omero"

    @property
    def progress_dir(self) -> Path:
        return self.folder / "jobs"

    @property
    def metrics_dir(self) -> Path:
        return self.folder / "metrics"

    @property
    def keys_file(self) -> Path:
        return self.folder / "keys"


_environments: list[TestEnvironment] = []


def prepare_django(*apps: str, web_config: dict[str, Any] | None = None) -> TestEnvironment:
    """Set the environment for OMERO.web's settings and set Django up, once per process.

    `apps` are added to the library and its example plugin; `web_config` are further `omero.web.*` properties.
    Servers are not started yet: the fixtures do that. Raises RuntimeError when an earlier call in the process
    had other apps, because Django can't be set up twice: run each distribution's tests in a process of its own.
    """
    if _environments:
        missing = set(apps) - set(_environments[0].apps)
        if missing:
            raise RuntimeError(
                f"Django is already set up without {', '.join(sorted(missing))}: run each distribution's tests in "
                "a pytest process of its own."
            )
        return _environments[0]
    folder = temporary_folder("omero-plugin-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    found = TestEnvironment(
        folder,
        PostgresServer(folder / "postgresql", free_port()),
        RedisServer(folder / "redis", free_port()),
        (*BASE_APPS, *apps),
    )
    _environments.append(found)
    _fill_environment(found)
    _write_web_config(found, web_config or {})
    os.environ["DJANGO_SETTINGS_MODULE"] = "omeroweb.settings"
    import django  # noqa: PLC0415

    django.setup()
    return found


def _fill_environment(test: TestEnvironment) -> None:
    for path in (
        test.omerodir / "etc" / "grid",
        test.omerodir / "var" / "log",
        test.progress_dir,
        test.metrics_dir,
    ):
        path.mkdir(parents=True)
    test.keys_file.write_bytes(Fernet.generate_key() + b"\n")
    password_file = test.folder / "job-service-password"
    password_file.write_text("omero")
    os.environ.update(
        {
            "OMERODIR": str(test.omerodir),
            "OMP_DATA_HOST": "127.0.0.1",
            "OMP_DATA_PORT": str(test.postgres.port),
            "OMP_DATA_USER": test.postgres.user,
            "OMP_DATA_DB": test.postgres.name,
            "OMP_DATA_PASS": test.postgres.password,
            "OMERO_PLUGIN_SECRET_KEYS_FILE": str(test.keys_file),
            "OMERO_PLUGIN_JOBS_DIR": str(test.progress_dir),
            "OMERO_IMS_CELERY_BROKER_URL": test.redis.url(2),
            "OMERO_IMS_CELERY_BACKEND_URL": test.redis.url(2),
            "OMERO_PLUGIN_RATE_REDIS_URL": test.redis.url(1),
            "OMERO_PLUGIN_JOBS_SWEEP_SECONDS": "0.5",
            "OMERO_PLUGIN_JOBS_LEASE_SECONDS": "6",
            "OMERO_JOB_SERVICE_PASS_FILE": str(password_file),
            "PROMETHEUS_MULTIPROC_DIR": str(test.metrics_dir),
            "OMERO_PLUGIN_COMPONENT_PAGE": "true",
        }
    )


def _write_web_config(test: TestEnvironment, extra: dict[str, Any]) -> None:
    cache = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": test.redis.url(1)}}
    wanted: dict[str, Any] = {
        "omero.web.apps": list(test.apps),
        "omero.web.debug": "false",
        "omero.web.middleware": [{"index": number, "class": name} for number, name in enumerate(MIDDLEWARE)],
        "omero.web.django_additional_settings": [["WHITENOISE_USE_FINDERS", True]],
        "omero.web.caches": cache,
        "omero.web.session_engine": "django.contrib.sessions.backends.cache",
        "omero.web.secret_key": "only for tests",
        **extra,
    }
    set_web_config(test, wanted)


def set_web_config(test: TestEnvironment, wanted: dict[str, Any]) -> None:
    """Write `omero.web.*` properties; processes started later see them."""
    from omero.config import ConfigXml  # noqa: PLC0415

    config = ConfigXml(str(test.omerodir / "etc" / "grid" / "config.xml"))
    for key, value in wanted.items():
        config[key] = value if isinstance(value, str) else json.dumps(value)
    config.close()
