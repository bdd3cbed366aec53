"""A live server with named people to log in as: embedded, in this process, on free ports; or the one that is given.

OMERO_TEST_HOST (OMERO_TEST_PORT, OMERO_TEST_ROOT_PASSWORD) names another server, which the tests fill with groups, people
and data. Tests that look into the embedded server are skipped then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omero_embedded.testing import Site
from omero_embedded.testing_lab import Lab, given_lab

if TYPE_CHECKING:
    from collections.abc import Iterator


class Elsewhere(Lab):
    """The given server, of which only its API is known."""

    def __getattr__(self, name: str) -> Any:
        pytest.skip(f"looks at {name} of the embedded server; runs without OMERO_TEST_HOST")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server with SQLite in a temporary folder, shared by the tests of a module; or the given one."""
    given = given_lab()
    if given is not None:
        yield Elsewhere(given.address, given.root_password)
        return
    made = Site(tmp_path_factory.mktemp("omero"))
    yield made
    made.stop()
