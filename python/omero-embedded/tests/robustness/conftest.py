"""A server on which things go wrong, and somebody who must not notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    """A server with alice and bob, and carol who administers it."""
    site.group("lab", "rwra--", "alice", "bob")
    site.administrator("carol")
    return site


@pytest.fixture
def bob(lab: Site) -> Iterator[Any]:
    """Somebody who is logged in while all this happens, and must not notice."""
    with lab.client("bob") as client:
        yield client
        assert client.sf.getAdminService().getEventContext().userName == "bob"
