"""Fixtures for the plugins' tests; import those you need into conftest.py after `prepare_django(…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omero_plugin_common.testing.environment import TestEnvironment, prepare_django
from omero_plugin_common.testing.worker import WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def environment() -> TestEnvironment:
    """The test process's folders and (not yet running) servers."""
    return prepare_django()


@pytest.fixture(scope="session")
def postgres(environment: TestEnvironment, django_db_blocker: Any) -> Iterator[TestEnvironment]:
    """A running PostgreSQL with an up-to-date plugin database."""
    from omero_plugin_common.database.migrate import migrate_plugin_database  # noqa: PLC0415

    server = environment.postgres
    server.create()
    server.start()
    try:
        server.create_database()
        with django_db_blocker.unblock():
            migrate_plugin_database()
            yield environment
    finally:
        server.stop()


@pytest.fixture(scope="session")
def redis_server(environment: TestEnvironment) -> Iterator[TestEnvironment]:
    """A running Redis."""
    environment.redis.start()
    try:
        yield environment
    finally:
        environment.redis.stop()


@pytest.fixture
def plugin_database(postgres: TestEnvironment) -> Iterator[TestEnvironment]:
    """The plugin database, empty again after the test."""
    from omero_plugin_common.testing.database import empty_plugin_database  # noqa: PLC0415

    empty_plugin_database()
    yield postgres
    empty_plugin_database()


@pytest.fixture(scope="session")
def shared_worker(
    postgres: TestEnvironment,  # noqa: ARG001 - must run before the worker
    redis_server: TestEnvironment,  # noqa: ARG001 - likewise
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WorkerProcess]:
    """A Celery worker with one child, kept between tests because starting one takes seconds."""
    process = WorkerProcess(tmp_path_factory.mktemp("worker") / "worker.log")
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture
def worker(
    plugin_database: TestEnvironment,  # noqa: ARG001 - empties the database
    shared_worker: WorkerProcess,
) -> WorkerProcess:
    """A running Celery worker on an empty plugin database."""
    if not shared_worker.running():
        shared_worker.start()
    return shared_worker
