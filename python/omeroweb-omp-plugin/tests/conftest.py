"""Django is set up before any test module is imported; servers start when a test asks for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from omero_plugin_common.testing.environment import prepare_django

PANELS = {
    "omero.web.ui.right_plugins": [["File names", "omeroweb_omp_plugin/right_panel.js.html", "omp_tab"]],
    "omero.web.ui.center_plugins": [["File names", "omeroweb_omp_plugin/center_panel.js.html", "omp_center"]],
}
prepare_django("omeroweb_omp_plugin", web_config=PANELS)

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

    from omero.gateway import BlitzGateway

    from omero_embedded.testing import Site

__all__ = ["browser", "environment", "plugin_database", "postgres", "redis_server", "shared_worker", "worker"]

SECRET = "a secret for tests"
os.environ["FMP_HASH_SECRET"] = SECRET
FRESH_LOGIN_SECONDS = 10
os.environ["OMERO_PLUGIN_RATE_ACTIONS"] = "10000"
os.environ["OMP_FRESH_LOGIN_SECONDS"] = str(FRESH_LOGIN_SECONDS)


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An embedded OMERO with alice, bob and dora in the lab, carol as administrator, and the job-service account."""
    from omero_embedded.testing import PASSWORD, Site

    site = Site(tmp_path_factory.mktemp("omero"), ssl=True)
    make_people(site, permissions="rwra--", owners=("dora",))
    introduce_to_jobs(site.server.ports()["ssl"], PASSWORD, tmp_path_factory.mktemp("secrets"))
    yield site
    site.stop()


@pytest.fixture(scope="session")
def web(postgres, redis_server, people: Site) -> Iterator[WebProcess]:
    """OMERO.web with the library and this plugin."""
    process = WebProcess(postgres, "127.0.0.1", people.server.ports()["ssl"])
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def alice(people: Site) -> Iterator[BlitzGateway]:
    """Alice's session."""
    with people.gateway("alice") as conn:
        yield conn


@pytest.fixture(scope="module")
def bob(people: Site) -> Iterator[BlitzGateway]:
    """Bob's session."""
    with people.gateway("bob") as conn:
        yield conn


@pytest.fixture
def nothing_saved_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """OMERO has ended what stopped workers asked for, so that nobody needs to wait for it."""
    from omeroweb_omp_plugin.services import runs

    monkeypatch.setattr(runs, "SAVING_SECONDS", 0)
