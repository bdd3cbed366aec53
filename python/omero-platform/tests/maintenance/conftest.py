"""A real PostgreSQL with a database that people have worked in."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omero_platform.maintenance.databases import DatabaseAddress
from omero_plugin_common.testing.servers import PostgresServer, free_port, temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    folder = temporary_folder("omero-platform-postgres-")
    server = PostgresServer(folder / "server", free_port())
    server.create()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def address(server: PostgresServer) -> Iterator[DatabaseAddress]:
    """An empty database."""
    admin = DatabaseAddress("admin", "127.0.0.1", server.port, "postgres", server.user, server.password)
    connection = admin.connect()
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE work")
        yield DatabaseAddress("database", "127.0.0.1", server.port, "work", server.user, server.password)
        cursor.execute("DROP DATABASE work WITH (FORCE)")
    connection.close()


@pytest.fixture
def cursor(address: DatabaseAddress) -> Iterator[Any]:
    """A session of its own, each statement by itself."""
    connection = address.connect()
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


@pytest.fixture
def bloated(cursor: Any) -> Any:
    """A table in which nine of ten rows were deleted, and one in which nothing happened since it was analysed."""
    cursor.execute("CREATE TABLE image (id bigint PRIMARY KEY, name text)")
    cursor.execute("INSERT INTO image SELECT i, md5(i::text) FROM generate_series(1, 40000) i")
    cursor.execute("CREATE INDEX image_name ON image (name)")
    cursor.execute("CREATE TABLE calm (id bigint PRIMARY KEY)")
    cursor.execute("INSERT INTO calm SELECT generate_series(1, 1000)")
    cursor.execute("SELECT pg_stat_force_next_flush()")
    cursor.execute("VACUUM ANALYZE")
    cursor.execute("SELECT pg_stat_force_next_flush()")
    cursor.execute("DELETE FROM image WHERE id % 10 <> 0")
    cursor.execute("SELECT pg_stat_force_next_flush()")
    return cursor
