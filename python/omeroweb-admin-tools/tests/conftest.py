"""Django is set up before any test module is imported; servers start when a test asks for them."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omero_plugin_common.testing.environment import prepare_django

ROOT = Path(__file__).parents[3]
_test = prepare_django("omeroweb_admin_tools")
LOGS = _test.folder / "logs"
LOGS.mkdir(exist_ok=True)
OMERO_DATA = _test.folder / "omero-data"
OMERO_DATA.mkdir(exist_ok=True)
STACK = _test.folder / "stack.toml"
os.environ.update(
    {
        "ADMIN_TOOLS_STACK_FILE": str(STACK),
        "ADMIN_TOOLS_STACK_HOST": "127.0.0.1",
        "ADMIN_TOOLS_STACK_RUNS": "local",
        "ADMIN_TOOLS_LOG_DIR": str(LOGS),
        "ADMIN_TOOLS_QUOTA_STATE_PATH": str(_test.folder / "quotas" / "group-quotas.json"),
        "ADMIN_TOOLS_QUOTA_SOCKET": str(_test.folder / "no-quota.sock"),
        "ADMIN_TOOLS_DOCKER_SOCKET": str(_test.folder / "no-containers.sock"),
        "OMERO_DATA_DIR": str(OMERO_DATA),
        "OMERO_DB_HOST": "127.0.0.1",
        "OMERO_DB_PORT": str(_test.postgres.port),
        "OMERO_DB_NAME": _test.postgres.name,
        "OMERO_DB_USER": _test.postgres.user,
        "OMERO_DB_PASS": _test.postgres.password,
    }
)
STACK.write_text(
    f"""
[services.database_plugin]
title = "PostgreSQL, plugin database"
version = "{os.environ.get("ADMIN_TEST_POSTGRESQL", "15.0")}"
ports = {{ postgresql = {_test.postgres.port} }}
health = {{ kind = "postgresql", port = "postgresql" }}
logs = ["database_plugin.log"]
runs = ["local"]

[services.redis]
title = "Redis"
ports = {{ redis = {_test.redis.port} }}
health = {{ kind = "redis", port = "redis" }}
logs = ["redis.log"]
runs = ["local"]

[services.omeroweb]
title = "OMERO.web"
ports = {{ http = 1 }}
health = {{ kind = "http", port = "http", path = "/webgateway/" }}
logs = ["omeroweb.log", "OMEROweb.log"]
runs = ["local"]
"""
)

from omero_plugin_common.testing.browser import browser  # noqa: E402
from omero_plugin_common.testing.fixtures import (  # noqa: E402
    environment,
    plugin_database,
    postgres,
    redis_server,
    shared_worker,
    worker,
)
from omero_plugin_common.testing.people import introduce_to_jobs, make_people  # noqa: E402
from omero_plugin_common.testing.web import WebProcess  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

__all__ = ["browser", "environment", "plugin_database", "postgres", "redis_server", "shared_worker", "worker"]


@pytest.fixture(scope="session")
def people() -> Iterator[Site]:
    """An embedded OMERO whose data lies in the configured folder."""
    from omero_embedded.testing import PASSWORD, Site

    site = Site(OMERO_DATA, ssl=True)
    make_people(site, owners=("dora",))
    site.administrator("erin", "Chown")
    introduce_to_jobs(site.server.ports()["ssl"], PASSWORD, _test.folder)
    yield site
    site.stop()


@pytest.fixture(scope="session")
def web(postgres, redis_server, people: Site) -> Iterator[WebProcess]:
    """OMERO.web with the admin tools."""
    process = WebProcess(postgres, "127.0.0.1", people.server.ports()["ssl"])
    STACK.write_text(STACK.read_text().replace("http = 1 ", f"http = {process.port} "))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def carol(web, plugin_database):
    """Carol's HTTP client."""
    from omero_embedded.testing import PASSWORD

    with closing(web.login("carol", PASSWORD)) as client:
        yield client
