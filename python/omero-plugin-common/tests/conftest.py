"""Django is set up before any test module is imported; servers start when a test asks for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from omero_plugin_common.testing.environment import prepare_django

prepare_django()

from omero_plugin_common.testing.browser import browser  # noqa: E402
from omero_plugin_common.testing.fixtures import (  # noqa: E402
    environment,
    plugin_database,
    postgres,
    redis_server,
    shared_worker,
    worker,
)
from omero_plugin_common.testing.web import WebProcess  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

__all__ = ["browser", "environment", "plugin_database", "postgres", "redis_server", "shared_worker", "worker"]


def make_people(site: Site) -> None:
    """Make alice and bob of the lab, carol the administrator, and job-service with only Sudo."""
    import omero.model
    from omero.rtypes import rstring

    site.group("lab", "rwr---", "alice", "bob")
    site.administrator("carol")
    service_id = site.administrator("job-service")
    with site.client("root") as client:
        sudo = omero.model.AdminPrivilegeI()
        sudo.value = rstring("Sudo")
        client.sf.getAdminService().setAdminPrivileges(omero.model.ExperimenterI(service_id, False), [sudo])


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An embedded OMERO with alice and bob in the lab, carol as administrator, and the job-service account."""
    from omero_embedded.testing import PASSWORD, Site

    site = Site(tmp_path_factory.mktemp("omero"), ssl=True)
    make_people(site)
    password = tmp_path_factory.mktemp("secrets") / "job-service"
    password.write_text(PASSWORD)
    os.environ.update(
        {
            "OMEROHOST": "127.0.0.1",
            "OMERO_PORT": str(site.server.ports()["ssl"]),
            "OMERO_JOB_SERVICE_PASS_FILE": str(password),
        }
    )
    yield site
    site.stop()


@pytest.fixture(scope="session")
def web(postgres, redis_server, people: Site) -> Iterator[WebProcess]:
    """OMERO.web with the library and the example plugin."""
    process = WebProcess(postgres, "127.0.0.1", people.server.ports()["ssl"])
    process.start()
    yield process
    process.stop()
