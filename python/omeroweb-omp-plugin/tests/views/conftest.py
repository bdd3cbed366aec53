"""People logged in to OMERO.web, and alice's own connection."""

from __future__ import annotations

import time

import pytest

from omero_embedded.testing import PASSWORD


@pytest.fixture(scope="session")
def clients(web):
    """HTTP clients of alice, bob, the group's owner dora, and root."""
    found = {name: web.login(name, PASSWORD) for name in ("alice", "bob", "dora", "root")}
    for client in found.values():
        client.logged_in_at = time.monotonic()
    return found


@pytest.fixture
def client(clients):
    """Alice's."""
    return clients["alice"]


@pytest.fixture
def alice(people):
    """Alice's gateway."""
    with people.gateway("alice") as conn:
        yield conn
