"""A read-annotate group with alice and bob, logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site


@dataclass(frozen=True)
class Desk:
    """Somebody's services."""

    site: Site
    client: Any
    user_id: int

    @property
    def update(self) -> Any:
        return self.client.sf.getUpdateService()

    @property
    def query(self) -> Any:
        return self.client.sf.getQueryService()

    def save(self, obj: Any) -> Any:
        """The saved object."""
        return self.update.saveAndReturnObject(obj)

    def dataset(self, name: str = "data") -> Any:
        """A saved dataset."""
        made = omero.model.DatasetI()
        made.name = rstring(name)
        return self.save(made)

    def one(self, query: str) -> Any:
        """What a query finds, None for nothing."""
        return self.query.findByQuery(query, None)


@pytest.fixture(scope="module")
def group(site: Site) -> int:
    return site.group("lab", "rwra--", "alice", "bob")


@pytest.fixture(scope="module")
def alice(site: Site, group: int) -> Iterator[Desk]:
    with site.client("alice") as client:
        yield Desk(site, client, site.user_id("alice"))


@pytest.fixture(scope="module")
def bob(site: Site, group: int) -> Iterator[Desk]:
    with site.client("bob") as client:
        yield Desk(site, client, site.user_id("bob"))


@pytest.fixture(scope="module")
def root(site: Site) -> Iterator[Desk]:
    with site.client("root") as client:
        yield Desk(site, client, 0)
