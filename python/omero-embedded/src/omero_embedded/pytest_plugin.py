"""pytest fixtures for authors of OMERO tools; installed with the package, nothing to import.

def test_my_tool(omero_server):
    omero_server.group("lab", "rwra--", "alice")
    with omero_server.gateway("alice") as conn:
        ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing_lab import Lab


@pytest.fixture(scope="session")
def omero_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One embedded OMERO for the whole test run; with OMERO_TEST_HOST the server of that name."""
    # Loading OMERO takes seconds; only tests that ask for it wait.
    from omero_embedded.testing import Site  # noqa: PLC0415
    from omero_embedded.testing_lab import given_lab  # noqa: PLC0415

    given = given_lab()
    if given is not None:
        yield given
        return
    site = Site(tmp_path_factory.mktemp("omero"))
    yield site
    site.stop()


@pytest.fixture
def omero_server(omero_site: Lab) -> Lab:
    """The embedded OMERO, empty again for each test; a server given by OMERO_TEST_HOST keeps what it has."""
    omero_site.reset()
    return omero_site
