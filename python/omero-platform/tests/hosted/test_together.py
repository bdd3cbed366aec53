"""All parts as units and images start them, together: databases, Redis, the OMERO API, OMERO.web and the worker."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from .conftest import account_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

PATIENCE_SECONDS = 240


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(
    place: Path, name: str, command: list[str], environ: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A long-running part, as an ordinary account, with its output in a file."""
    with (place / f"{name}.log").open("wb") as output:
        running = subprocess.Popen(
            [*account_prefix(), *command], env=environ, cwd=place, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(30)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def wait_until_well(
    place: Path, name: str, running: subprocess.Popen[bytes], check: Callable[[], int]
) -> None:
    """Wait for a part, and show what it said when it does not come up."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while check():
        said = (place / f"{name}.log").read_text()[-2000:]
        assert running.poll() is None, f"{name} ended: {said}"
        assert time.monotonic() < deadline, f"{name} does not answer: {said}"
        time.sleep(0.5)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not shutil.which("redis-server"), reason="Redis is not installed (package redis-server)")
def test_everything_comes_up_from_its_environment_and_tells_that_it_is_well(
    place: Path, programs: Path, hosted: Run
) -> None:
    ports = {name: free_port() for name in ("database", "plugin", "redis", "ssl", "tcp", "web")}
    secrets = place / "secrets"
    secrets.mkdir()
    words = {"database": "d", "plugin": "p", "redis": "r", "root": "o", "job": "j", "django": "x"}
    for name, word in words.items():
        (secrets / name).write_text(f"not-a-secret-{word}\n")
    (secrets / "keys").write_text("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n")
    shutil.chown(secrets, place.owner())
    url = f"redis://127.0.0.1:{ports['redis']}"
    told = {
        "OMEROHOST": "127.0.0.1",
        "OMERO_PORT": str(ports["ssl"]),
        "OMERO_TCP_PORT": str(ports["tcp"]),
        "OMERO_SERVER_LISTEN": "127.0.0.1",
        "OMERO_DATA_DIR": str(place / "OMERO"),
        "OMERO_DB_HOST": "127.0.0.1",
        "OMERO_DB_PORT": str(ports["database"]),
        "OMERO_DB_NAME": "omero",
        "OMERO_DB_USER": "omero",
        "OMP_DATA_HOST": "127.0.0.1",
        "OMP_DATA_PORT": str(ports["plugin"]),
        "OMP_DATA_DB": "omero-plugin",
        "OMP_DATA_USER": "omero-plugin",
        "OMERODIR": str(place / "web"),
        "OMERO_WEB_LISTEN": f"127.0.0.1:{ports['web']}",
        "OMERO_WEB_WORKERS": "1",
        "OMERO_WEB_UPLOAD_DIR": str(place / "uploads"),
        "OMERO_WEB_UPLOAD_ALLOW_ROOT_LAYER": "true",
        "OMERO_WEB_CACHE_URL": f"{url}/1",
        "OMERO_PLUGIN_RATE_REDIS_URL": f"{url}/1",
        "OMERO_IMS_CELERY_BROKER_URL": f"{url}/2",
        "OMERO_IMS_CELERY_BACKEND_URL": f"{url}/2",
        "OMERO_PLUGIN_JOB_QUEUES": "default,imaris_export",
        "OMERO_PLUGIN_JOBS_DIR": str(place / "jobs"),
        "PROMETHEUS_MULTIPROC_DIR": str(place / "metrics"),
        "REGISTER_FIGURE_SCRIPT": "0",
        "TZ": "Europe/Zurich",
        "OMERO_DB_PASS_FILE": str(secrets / "database"),
        "OMP_DATA_PASS_FILE": str(secrets / "plugin"),
        "REDIS_PASSWORD_FILE": str(secrets / "redis"),
        "ROOTPASS_FILE": str(secrets / "root"),
        "OMERO_JOB_SERVICE_PASS_FILE": str(secrets / "job"),
        "DJANGO_SECRET_KEY_FILE": str(secrets / "django"),
        "OMERO_PLUGIN_SECRET_KEYS_FILE": str(secrets / "keys"),
    }
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(place / "home"),
        **told,
    }

    def part(name: str) -> list[str]:
        return [sys.executable, "-P", "-W", "ignore", "-m", "omero_platform.hosted", name]

    def health(*words: str) -> Callable[[], int]:
        return lambda: hosted("health", *words, **told).returncode

    for name in ("OMERO", "uploads", "home"):
        (place / name).mkdir()
        shutil.chown(place / name, place.owner())
    with ExitStack() as stack:
        for name, database in (("database", "omero"), ("plugin", "omero-plugin")):
            folder = place / name / "pgdata"
            made = hosted(
                "database",
                POSTGRESQL_PROGRAMS=str(programs),
                PGDATA=str(folder),
                DATABASE_NAME=database,
                DATABASE_USER=database,
                DATABASE_PASSWORD_FILE=str(secrets / name),
                MONITORING_PASSWORD="watching",
            )
            assert made.returncode == 0, made.stderr
            options = [f"port={ports[name]}", "unix_socket_directories=", "listen_addresses=127.0.0.1"]
            command = [str(programs / "postgres"), "-D", str(folder)]
            command += [word for option in options for word in ("-c", option)]
            running = stack.enter_context(process(place, f"postgres-{name}", command, environ))
            ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(ports[name])]
            wait_until_well(
                place,
                f"postgres-{name}",
                running,
                lambda ready=ready: subprocess.run(ready, check=False).returncode,
            )
        redis = [
            "redis-server",
            "--port",
            str(ports["redis"]),
            "--requirepass",
            "not-a-secret-r",
            "--save",
            "",
        ]
        stack.enter_context(process(place, "redis", redis, environ))

        server = stack.enter_context(process(place, "embedded", part("embedded"), environ))
        wait_until_well(place, "embedded", server, health("omero", str(ports["ssl"])))
        done = hosted("setup", **told)
        assert done.returncode == 0, done.stderr

        web = stack.enter_context(process(place, "web", part("web"), environ))
        wait_until_well(place, "web", web, health("http", str(ports["web"]), "/webgateway/"))
        worker_environ = {**environ, "OMERODIR": str(place / "worker")}
        worker = stack.enter_context(process(place, "worker", part("worker"), worker_environ))
        wait_until_well(place, "worker", worker, health("celery"))

        assert hosted("health", "http", str(ports["web"]), "/no-such-page", **told).returncode == 1
    assert hosted("health", "omero", str(ports["ssl"]), **told).returncode == 1
