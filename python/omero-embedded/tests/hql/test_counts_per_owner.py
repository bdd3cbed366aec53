"""How many elements of a collection each owner has, fetched with the object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from omero_embedded.testing import Site


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwra--", "alice", "bob")
    return site


def image(client: Any, name: str) -> Any:
    made = omero.model.ImageI()
    made.name = rstring(name)
    return client.sf.getUpdateService().saveAndReturnObject(made)


def annotate(client: Any, target: Any, times: int) -> None:
    for _ in range(times):
        link = omero.model.ImageAnnotationLinkI()
        link.parent, link.child = target.proxy(), omero.model.CommentAnnotationI()
        client.sf.getUpdateService().saveObject(link)


def found(client: Any, kind: str, *names: str) -> dict[str, dict[int, int]]:
    query = (
        f"select i from Image i {kind} i.annotationLinksCountPerOwner where i.name in (:names) order by i.id"
    )
    parameters = omero.sys.ParametersI()
    parameters.map["names"] = omero.rtypes.rlist([rstring(name) for name in names])
    images = client.sf.getQueryService().findAllByQuery(query, parameters)
    return {one.name.val: one.getAnnotationLinksCountPerOwner() for one in images}


def test_links_are_counted_by_their_owners(lab: Site) -> None:
    with lab.client("alice") as alice, lab.client("bob") as bob:
        seen, bare = image(alice, "seen"), image(alice, "bare")
        annotate(alice, seen, 2)
        annotate(bob, seen, 1)

        counts = {lab.user_id("alice"): 2, lab.user_id("bob"): 1}
        assert found(bob, "left join fetch", "seen", "bare") == {"seen": counts, "bare": {}}
        assert found(bob, "join fetch", "seen", "bare") == {"seen": counts}
        assert bare.getAnnotationLinksCountPerOwner() == {}


def test_what_is_no_collection_is_not_counted(lab: Site) -> None:
    with lab.client("alice") as client:
        for wrong in ("i.pixelCountPerOwner", "i.nameCountPerOwner", "i.annotationLinksCountPerOwner c"):
            with pytest.raises(omero.QueryException):
                client.sf.getQueryService().findAllByQuery(f"from Image i join fetch {wrong}", None)
