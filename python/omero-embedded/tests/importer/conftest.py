"""Importing as the client libraries do: through the public API of the managed repository."""

from __future__ import annotations

import pytest

from omero_embedded.testing_images import Importer


@pytest.fixture(scope="module")
def lab(site):
    site.group("lab", "rwr---", "alice", "bob")
    return site


@pytest.fixture
def alice(lab):
    with lab.client("alice") as client:
        yield Importer(client)
