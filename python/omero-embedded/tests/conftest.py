"""A live embedded server, in this process, on free ports, and named people to log in as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omero_embedded.testing import Site

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with SQLite in a temporary folder, shared by the tests of a module."""
    made = Site(tmp_path_factory.mktemp("omero"))
    yield made
    made.stop()
