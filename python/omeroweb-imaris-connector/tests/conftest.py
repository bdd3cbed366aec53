"""Django is set up before any test module is imported; servers start when a test asks for them."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omero_plugin_common.testing.environment import prepare_django

os.environ.update(
    {
        "OMERO_IMS_POLL_INTERVAL": "0.1",
        "OMERO_IMS_SCRIPT_START_RETRY_INTERVAL": "0.2",
        "OMERO_IMS_SCRIPT_START_TIMEOUT": "60",
        "OMERO_PLUGIN_RATE_ACTIONS": "1000",
    }
)
RIGHT_PANEL = ["Imaris", "omeroweb_imaris_connector/right_panel.js.html", "imaris_tab"]
OPEN_WITH = [
    "Imaris",
    "omeroweb_imaris_connector_index",
    {"supported_objects": ["images", "dataset"], "label": "Imaris"},
]
prepare_django(
    "omeroweb_imaris_connector",
    web_config={"omero.web.ui.right_plugins": [RIGHT_PANEL], "omero.web.open_with": [OPEN_WITH]},
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
from omero_plugin_common.testing.people import introduce_to_jobs  # noqa: E402
from omero_plugin_common.testing.web import WebProcess  # noqa: E402

from .helpers import SCRIPT, Lab, fill  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_plugin_common.testing.environment import TestEnvironment
    from omero_plugin_common.testing.worker import WorkerProcess

__all__ = ["browser", "environment", "plugin_database", "postgres", "redis_server", "shared_worker", "worker"]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """An embedded OMERO with two script processors, people, and the export script."""
    from omero_embedded.testing import PASSWORD, Site

    work = tmp_path_factory.mktemp("work")
    temporary = tmp_path_factory.mktemp("processes")
    # What the server hands on to its scripts: where modules are, and where temporary files go.
    before = {name: os.environ.get(name) for name in ("TMPDIR", "PYTHONPATH")}
    os.environ["TMPDIR"] = str(temporary)
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    tempfile.tempdir = None
    site = Site(tmp_path_factory.mktemp("omero"), ssl=True, config={"omero.scripts.processors": "2"})
    fill(site)
    introduce_to_jobs(site.server.ports()["ssl"], PASSWORD, tmp_path_factory.mktemp("secrets"))
    yield Lab(site, work)
    site.stop()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    tempfile.tempdir = None


@pytest.fixture(scope="session")
def web(postgres: TestEnvironment, redis_server: TestEnvironment, lab: Lab) -> Iterator[WebProcess]:
    """OMERO.web with the connector."""
    process = WebProcess(postgres, "127.0.0.1", lab.site.server.ports()["ssl"], threads=16)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def exporter(lab: Lab, worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """A worker that knows the embedded OMERO; after the test no script runs and no processor is taken."""
    yield worker
    lab.wait_until_idle()


@pytest.fixture(scope="session")
def script_text() -> str:
    """The text of the export script."""
    return Path(SCRIPT).read_text()
