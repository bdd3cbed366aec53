"""The fixture that authors of OMERO tools use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import omero
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from omero_embedded.testing import Site

pytest_plugins = ["omero_embedded.pytest_plugin"]


def add_dataset(site: Site, name: str) -> int:
    with site.client(name) as client:
        dataset = omero.model.DatasetI()
        dataset.name = rstring("mine")
        return int(client.sf.getUpdateService().saveAndReturnObject(dataset).id.val)


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_meets_an_empty_server(omero_server: Site, round_: int) -> None:
    assert omero_server.server.directory.user_named("alice") is None
    omero_server.group("lab", "rwra--", "alice")
    add_dataset(omero_server, "alice")
    with omero_server.client("alice") as client:
        assert client.sf.getQueryService().projection("select count(d) from Dataset d", None)[0][0].val == 1


def test_ids_are_never_met_again(omero_server: Site) -> None:
    omero_server.group("lab", "rwra--", "alice")
    first = add_dataset(omero_server, "alice")
    omero_server.reset()
    omero_server.group("lab", "rwra--", "alice")
    assert add_dataset(omero_server, "alice") > first


def test_a_marked_state_is_what_reset_goes_back_to(omero_server: Site) -> None:
    omero_server.group("lab", "rwra--", "alice")
    empty = omero_server._snapshot
    omero_server.mark()
    try:
        add_dataset(omero_server, "alice")
        omero_server.reset()
        with omero_server.client("alice") as client:
            assert client.sf.getQueryService().findAll("Dataset", None) == []
    finally:
        omero_server._snapshot = empty
