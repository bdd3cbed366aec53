"""Django is set up before any test module is imported; servers start when a test asks for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from omero_plugin_common.testing.servers import temporary_folder

STAGING = temporary_folder("omero-upload-tests-")
os.environ["OMERO_WEB_UPLOAD_DIR"] = str(STAGING)
os.environ["OMERO_WEB_UPLOAD_ALLOW_ROOT_LAYER"] = "true"
os.environ["OMERO_WEB_UPLOAD_KEEP_FREE_BYTES"] = "0"
os.environ["ADMIN_TOOLS_QUOTA_STATE_PATH"] = str(STAGING / "quotas" / "group-quotas.json")

from omero_plugin_common.testing.environment import prepare_django  # noqa: E402

prepare_django("omeroweb_upload")

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
    from pathlib import Path

    from omero_embedded.testing import Site

__all__ = ["browser", "environment", "plugin_database", "postgres", "redis_server", "shared_worker", "worker"]


@pytest.fixture(scope="session")
def staging() -> Iterator[Path]:
    """Where uploads wait; gone after the tests."""
    import shutil

    yield STAGING
    shutil.rmtree(STAGING, ignore_errors=True)


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An embedded OMERO with alice and bob in the lab, carol as administrator, and the job-service account."""
    from omero_embedded.testing import PASSWORD, Site

    site = Site(tmp_path_factory.mktemp("omero"), ssl=True)
    make_people(site)
    introduce_to_jobs(site.server.ports()["ssl"], PASSWORD, tmp_path_factory.mktemp("secrets"))
    yield site
    site.stop()


@pytest.fixture(scope="session")
def web(postgres, redis_server, people: Site, staging: Path) -> Iterator[WebProcess]:
    """OMERO.web with the library and the plugin."""
    process = WebProcess(postgres, "127.0.0.1", people.server.ports()["ssl"])
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def running_worker(postgres, redis_server, people: Site, shared_worker, staging: Path):
    """A worker that knows where OMERO is."""
    if not shared_worker.running():
        shared_worker.start()
    return shared_worker


@pytest.fixture(scope="module")
def no_worker(shared_worker):
    """No worker meanwhile: its chores would work on the same rows as the test."""
    was_running = shared_worker.running()
    shared_worker.stop()
    yield
    if was_running:
        shared_worker.start()


@pytest.fixture
def alice(web: WebProcess, plugin_database, running_worker):
    """Alice's browser, on empty tables."""
    from omero_embedded.testing import PASSWORD

    from .helpers import Browser

    http = web.login("alice", PASSWORD)
    yield Browser(http)
    http.close()


@pytest.fixture
def bob(web: WebProcess, alice):
    """Bob's browser."""
    from omero_embedded.testing import PASSWORD

    from .helpers import Browser

    http = web.login("bob", PASSWORD)
    yield Browser(http)
    http.close()


@pytest.fixture
def files(tmp_path_factory):
    """Makes bytes of small TIFFs by number."""
    from .helpers import tiff_bytes

    folder = tmp_path_factory.mktemp("made")
    return lambda seed, side=32: tiff_bytes(folder, seed, side)
