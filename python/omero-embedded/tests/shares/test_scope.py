"""A share shows what is in it and what an image is made of, and nothing else."""

from __future__ import annotations

import omero
import omero.all
import pytest
from omero.gateway import BlitzGateway
from omero.rtypes import rint, rstring
from omero.sys import ParametersI

from omero_embedded.model.schema import SCHEMA


def in_share(share):
    return {"omero.share": str(share)}


def test_bob_reads_a_shared_image_of_a_group_he_is_not_in(people, image):
    share = people.share(image)

    found = people.query("bob").get("Image", image, in_share(share))

    assert found.name.val == "shared.tif"
    with pytest.raises(omero.SecurityViolation):
        people.query("bob").get("Image", image)


def test_bob_does_not_read_what_is_not_in_the_share(people, image, secret):
    share = people.share(image)

    with pytest.raises(omero.SecurityViolation):
        people.query("bob").get("Image", secret, in_share(share))
    assert people.seen("bob", share, "select i.name from Image i") == ["shared.tif"]
    assert people.seen("bob", share, "select count(i) from Image i") == [1]
    assert [one.id.val for one in people.query("bob").findAll("Image", None, in_share(share))] == [image]


def test_a_share_hides_even_what_the_caller_could_see_without_it(people, image):
    own = people.site.image("bob", "bobs own.tif")
    share = people.share(image)

    with pytest.raises(omero.SecurityViolation):
        people.query("bob").get("Image", own, in_share(share))


def test_one_share_does_not_show_what_is_in_another(people, image, secret):
    first, second = people.share(image), people.share(secret, members=("carol",))

    assert people.seen("bob", first, "select i.id from Image i") == [image]
    assert people.seen("carol", second, "select i.id from Image i") == [secret]
    with pytest.raises(omero.SecurityViolation):
        people.query("bob").get("Image", secret, in_share(second))


def test_what_hangs_on_a_shared_image_stays_hidden(people, image):
    alice = people.sessions["alice"].sf.getUpdateService()
    link = omero.model.ImageAnnotationLinkI()
    link.parent = omero.model.ImageI(image, False)
    link.child = omero.model.CommentAnnotationI()
    link.child.textValue = rstring("for me only")
    alice.saveObject(link)
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image, False)
    shape = omero.model.PointI()
    shape.theZ = rint(0)
    roi.addShape(shape)
    alice.saveObject(roi)
    share = people.share(image)

    for name in ("Annotation", "ImageAnnotationLink", "Roi", "Shape", "Dataset", "DatasetImageLink"):
        assert people.seen("bob", share, f"select o.id from {name} o") == [], name
    assert people.seen("bob", share, "select size(i.annotationLinks) from Image i") == [0]
    assert (
        people.seen("bob", share, "select i.id from Image i where exists (select l from DatasetImageLink l)")
        == []
    )


OWNED = sorted(
    cls.name for cls in SCHEMA.values() if cls.parent is None and not cls.is_global and not cls.is_enum
)


@pytest.mark.parametrize("name", [*OWNED, "EventLog", "Session", "ShareMember", "Share"])
def test_an_empty_share_shows_nothing_that_belongs_to_anybody(people, image, name):
    share = people.share()

    assert people.seen("bob", share, f"select o.id from {name} o") == []


def test_the_parts_of_an_image_come_with_it(people, image):
    share = people.share(image)
    query = (
        "select i from Image i join fetch i.pixels p join fetch p.pixelsType join fetch p.channels c "
        "join fetch c.logicalChannel left join fetch c.statsInfo left join fetch p.settings s "
        "left join fetch s.quantization left join fetch s.waveRendering where i.id = :id"
    )

    found = people.query("bob").findByQuery(query, ParametersI().addId(image), in_share(share))

    pixels = found.getPrimaryPixels()
    assert pixels.getChannel(0).logicalChannel.isLoaded()
    assert pixels.sizeX.val == 32


def test_a_query_that_fetches_what_is_not_shared_is_refused(people, image):
    share = people.share(image)
    query = "select i from Image i left outer join fetch i.datasetLinks l left outer join fetch l.parent where i.id = :id"

    with pytest.raises(omero.SecurityViolation, match="DatasetImageLink"):
        people.query("bob").findByQuery(query, ParametersI().addId(image), in_share(share))


def test_a_dataset_and_its_link_are_seen_when_they_are_shared_too(people, image):
    query = "select i from Image i join fetch i.datasetLinks l join fetch l.parent where i.id = :id"
    loaded = people.query("alice").findByQuery(query, ParametersI().addId(image))
    share = people.share()

    people.shares("alice").addObject(share, loaded)

    found = people.query("bob").findByQuery(query, ParametersI().addId(image), in_share(share))
    assert [one.name.val for one in found.linkedDatasetList()] == ["at home"]
    assert people.shares("bob").getContentSize(share) == 3


def test_nobody_may_change_what_is_in_a_share_not_even_its_owner(people, image):
    share = people.share(image)

    for who in ("alice", "bob", "root"):
        permissions = people.query(who).get("Image", image, in_share(share)).details.permissions
        may = [
            getattr(permissions, f"can{what}")()
            for what in ("Edit", "Annotate", "Link", "Delete", "Chgrp", "Chown")
        ]
        assert may == [False] * 6, who
    query = "select new map(i.id as id, i as image_details_permissions) from Image i"
    [[row]] = people.query("alice").projection(query, None, in_share(share))
    assert row.val["image_details_permissions"].val["canEdit"].val is False


def test_the_gateway_reads_shows_and_measures_a_shared_image(people, image, secret):
    share = people.share(image)
    conn = BlitzGateway(client_obj=people.sessions["bob"])
    assert conn.getObject("Image", image) is None

    conn.SERVICE_OPTS.setOmeroShare(share)
    found = conn.getObject("Image", image)

    assert [one.id for one in conn.getObjects("Image")] == [image]
    assert [found.canEdit(), found.canAnnotate(), found.canDelete(), found.canLink()] == [False] * 4
    assert found.getThumbnail()[:2] == b"\xff\xd8"
    assert found.renderJpeg(0, 0)[:2] == b"\xff\xd8"
    assert found.getPrimaryPixels().getPlane(0, 0, 0).shape == (32, 32)
    assert found.getParent() is None or found.getParent().id is None
    assert list(found.listAnnotations()) == []
    assert conn.getObject("Image", secret) is None


def test_pixels_that_are_not_shared_are_neither_read_nor_shown(people, image, secret):
    share = people.share(image)
    bob = people.sessions["bob"].sf
    pixels = (
        people.query("alice")
        .projection(f"select p.id from Pixels p where p.image.id = {secret}", None)[0][0]
        .val
    )

    thumbnails, raw, engine = (
        bob.createThumbnailStore(),
        bob.createRawPixelsStore(),
        bob.createRenderingEngine(),
    )

    assert thumbnails.setPixelsId(pixels, in_share(share)) is False
    assert thumbnails.getThumbnailByLongestSideSet(None, [pixels], in_share(share)) == {}
    with pytest.raises(omero.ApiUsageException):
        thumbnails.getThumbnailByLongestSide(None, in_share(share))
    with pytest.raises(omero.ValidationException):
        raw.setPixelsId(pixels, False, in_share(share))
    with pytest.raises(omero.ValidationException):
        engine.lookupPixels(pixels, in_share(share))


def test_a_shape_comes_without_its_roi_when_only_the_shape_is_shared(people, image):
    roi = omero.model.RoiI()
    roi.name = rstring("hidden")
    roi.image = omero.model.ImageI(image, False)
    roi.addShape(omero.model.PointI())
    saved = people.sessions["alice"].sf.getUpdateService().saveAndReturnObject(roi).copyShapes()[0]
    share = people.share()
    people.shares("alice").addObject(share, omero.model.PointI(saved.id.val, False))

    found = people.query("bob").get("Shape", saved.id.val, in_share(share))

    assert found.isLoaded()
    assert not found.roi.isLoaded()


def test_a_deleted_image_stays_in_the_list_of_a_share_and_is_not_found(people):
    gone = people.site.image("alice", "gone.tif")
    share = people.share(gone)
    people.sessions["alice"].submit(omero.cmd.Delete2(targetObjects={"Image": [gone]}), loops=100, ms=50)

    assert [one.id.val for one in people.shares("bob").getContents(share)] == [gone]
    with pytest.raises(omero.ValidationException):
        people.query("bob").get("Image", gone, in_share(share))
