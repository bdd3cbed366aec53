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

    from omero_embedded.testing import Site


@pytest.fixture(scope="session")
def omero_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One embedded OMERO for the whole test run."""
    from omero_embedded.testing import Site  # noqa: PLC0415 - loading OMERO takes seconds; only tests that ask for it wait

    site = Site(tmp_path_factory.mktemp("omero"))
    yield site
    site.stop()


@pytest.fixture
def omero_server(omero_site: Site) -> Site:
    """The embedded OMERO, empty again for each test."""
    omero_site.reset()
    return omero_site
