"""alice has images in a private group, bob and carol are elsewhere; all of them stay logged in."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

PEOPLE = ("alice", "bob", "carol", "dora")


@dataclass(frozen=True)
class People:
    """The site, and a session for each person."""

    site: Site
    sessions: dict[str, Any]

    def shares(self, who: str) -> Any:
        """Somebody's IShare."""
        return self.sessions[who].sf.getShareService()

    def query(self, who: str) -> Any:
        """Somebody's IQuery."""
        return self.sessions[who].sf.getQueryService()

    def user(self, who: str) -> Any:
        """A person as an unloaded Experimenter."""
        return omero.model.ExperimenterI(self.site.user_id(who), False)

    def share(
        self, *images: int, owner: str = "alice", members: tuple[str, ...] = ("bob",), **more: Any
    ) -> int:
        """A new share of images; more says description, expiration, guests or enabled."""
        items = [omero.model.ImageI(image, False) for image in images]
        made: int = self.shares(owner).createShare(
            more.get("description", "look"),
            more.get("expiration"),
            items,
            [self.user(name) for name in members],
            more.get("guests", []),
            more.get("enabled", True),
        )
        return made

    def seen(self, who: str, share: int, query: str) -> list[Any]:
        """What a projection of ids or names gives somebody in a share."""
        rows = self.query(who).projection(query, None, {"omero.share": str(share)})
        return [row[0].val for row in rows if row]


@pytest.fixture(scope="module")
def people(site: Site) -> Iterator[People]:
    """The people of this module's tests; dora owns alice's group."""
    site.group("alices lab", "rw----", "alice", owners=("dora",))
    site.group("elsewhere", "rwra--", "bob", "carol")
    with ExitStack() as stack:
        yield People(site, {name: stack.enter_context(site.client(name)) for name in (*PEOPLE, "root")})


@pytest.fixture(scope="module")
def image(people: People) -> int:
    """An image of alice's that is in a dataset."""
    return people.site.image("alice", "shared.tif", dataset=people.site.dataset("alice", "at home"))


@pytest.fixture(scope="module")
def secret(people: People) -> int:
    """An image of alice's that is in no share."""
    return people.site.image("alice", "secret.tif")
