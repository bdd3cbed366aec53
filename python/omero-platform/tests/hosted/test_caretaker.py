"""The caretaker of units and containers: what it measures, and what it says when something is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from omero_platform.errors import PlatformError
from omero_platform.hosted.caretaker import pairs
from omero_plugin_common.testing.servers import (
    PostgresServer,
    RedisServer,
    free_port,
    temporary_folder,
    wait_until,
)

from ..conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    folder = temporary_folder("omero-platform-postgres-")
    server = PostgresServer(folder / "server", free_port(), name="omero")
    server.create()
    server.start()
    server.create_database()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    folder = temporary_folder("omero-platform-redis-")
    server = RedisServer(folder, free_port())
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def environ(tmp_path: Path, database: PostgresServer, redis: RedisServer) -> dict[str, str]:
    """What the unit tells it; its description has the ports and the account of these servers."""
    text = (ROOT / "stack.toml").read_text()
    for known, port in (("= 5432", database.port), ("= 6379", redis.port)):
        assert known in text
        text = text.replace(known, f"= {port}")
    (tmp_path / "stack.toml").write_text(text.replace('user = "omero" }', f'user = "{database.user}" }}'))
    (tmp_path / "password").write_text(database.password + "\n")
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HOME": str(tmp_path),
        "OMERO_PLATFORM_ROOT": str(tmp_path),
        "OMERO_CARETAKER_LISTEN": f"127.0.0.1:{free_port()}",
        "OMERO_CARETAKER_WATCHES": "database redis omeroweb",
        "OMERO_CARETAKER_HOSTS": "database=localhost omeroweb=127.0.0.1",
        "OMERO_CARETAKER_FOLDERS": f"omero_data={tmp_path}",
        "OMERO_DB_PASS_FILE": str(tmp_path / "password"),
        "REDIS_PASSWORD": "",
    }


@pytest.fixture
def caretaker(environ: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Its address."""
    with (tmp_path / "caretaker.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", "omero_platform.hosted", "caretaker"],
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    yield f"http://{environ['OMERO_CARETAKER_LISTEN']}"
    process.terminate()
    process.wait(60)


def read(address: str, path: str) -> str:
    """The page, or nothing while there is none."""
    try:
        with urllib.request.urlopen(address + path, timeout=10) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return ""


def test_it_tells_which_services_answer_and_what_they_hold(caretaker: str, redis: RedisServer) -> None:
    wait_until(lambda: 'omero_service_up{service="redis"} 1' in read(caretaker, "/metrics"), "metrics", 120)
    figures = read(caretaker, "/metrics")
    assert 'omero_service_up{service="database"} 1' in figures
    assert 'omero_service_up{service="omeroweb"} 0' in figures
    assert 'omero_service_up{service="grafana"' not in figures
    assert 'omero_celery_queue_length{queue="default"} 0' in figures
    assert 'omero_database_dead_rows{service="database"}' in figures
    assert 'omero_database_dead_rows{service="database_plugin"}' not in figures
    assert 'omero_path_used_ratio{kind="omero_data"}' in figures
    assert read(caretaker, "/healthy") == "ok\n"
    redis.stop()
    wait_until(
        lambda: 'omero_service_up{service="redis"} 0' in read(caretaker, "/metrics"), "the change", 120
    )


def test_a_service_that_the_stack_does_not_have_is_named(environ: dict[str, str]) -> None:
    refused = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-m", "omero_platform.hosted", "caretaker"],
        env={**environ, "OMERO_CARETAKER_WATCHES": "database rediss"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "stack.toml has no service rediss" in refused.stderr


def test_a_word_without_value_is_named() -> None:
    assert pairs({"X": "a=1 b=c=d"}, "X") == {"a": "1", "b": "c=d"}
    assert pairs({}, "X") == {}
    with pytest.raises(PlatformError, match="X: 'b' is not of the form name=value"):
        pairs({"X": "a=1 b"}, "X")
