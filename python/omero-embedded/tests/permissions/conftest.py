"""One group of each permission level, with people in every role, who stay logged in."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

LEVELS = {"private": "rw----", "read-only": "rwr---", "read-annotate": "rwra--", "read-write": "rwrw--"}
# alice owns the data, bob is a member, dora owns the group, eve is elsewhere, carol is an administrator.
PEOPLE = {
    "owner": "alice",
    "member": "bob",
    "group owner": "dora",
    "outsider": "eve",
    "administrator": "carol",
}


@dataclass(frozen=True)
class Lab:
    """The site, its groups by level, and a session for each person."""

    site: Site
    groups: dict[str, int]
    sessions: dict[str, Any]

    def in_group(self, level: str) -> dict[str, str]:
        """The call context for a level's group."""
        return {"omero.group": str(self.groups[level])}

    def dataset(self, level: str, owner: str = "alice", name: str = "data") -> int:
        """A new dataset of somebody's."""
        made = omero.model.DatasetI()
        made.name = rstring(name)
        update = self.sessions[owner].sf.getUpdateService()
        dataset_id: int = update.saveAndReturnObject(made, self.in_group(level)).id.val
        return dataset_id

    def find(self, who: str, dataset_id: int) -> Any:
        """The dataset as somebody sees it, None if not at all."""
        query = self.sessions[who].sf.getQueryService()
        return query.findByQuery(
            f"select d from Dataset d where d.id = {dataset_id}", None, {"omero.group": "-1"}
        )

    def run(self, who: str, request: Any) -> Any:
        """The response to a request."""
        callback = self.sessions[who].submit(request, loops=200, ms=50, failonerror=False)
        try:
            return callback.getResponse()
        finally:
            callback.close(True)


@pytest.fixture(scope="module")
def lab(site: Site) -> Iterator[Lab]:
    """The groups and people of this module's tests."""
    groups = {
        level: site.group(level, permissions, "alice", "bob", owners=("dora",))
        for level, permissions in LEVELS.items()
    }
    site.group("elsewhere", "rwrw--", "eve")
    site.administrator("carol")
    with ExitStack() as stack:
        sessions = {name: stack.enter_context(site.client(name)) for name in (*PEOPLE.values(), "root")}
        yield Lab(site, groups, sessions)
