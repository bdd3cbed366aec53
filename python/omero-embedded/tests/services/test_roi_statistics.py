"""IRoi: pixel values in shapes, masks made of a picture, tables of measurements."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import omero.grid
import pytest
from omero.rtypes import rdouble, rint
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

Z, C, T, HEIGHT, WIDTH = 2, 3, 2, 8, 12


@dataclass(frozen=True)
class Study:
    """An image of alice whose values count upwards plane by plane, the planes in the order z, c, t."""

    conn: Any
    bob: Any
    values: Any
    image: int

    def roi(self, *shapes: Any) -> Any:
        roi = omero.model.RoiI()
        roi.image = omero.model.ImageI(self.image, False)
        for shape in shapes:
            roi.addShape(shape)
        return self.conn.getUpdateService().saveAndReturnObject(roi)

    def shape_id(self, shape: Any) -> int:
        found: int = self.roi(shape).copyShapes()[0].id.val
        return found

    def logical_channels(self) -> list[int]:
        image = self.conn.getObject("Image", self.image)
        return [channel.getLogicalChannel().getId() for channel in image.getChannels(noRE=True)]


@pytest.fixture(scope="module")
def study(site: Site) -> Iterator[Study]:
    site.group("lab", "rwr---", "alice", "bob")
    site.group("other", "rw----", "carol")
    values = np.arange(Z * C * T * HEIGHT * WIDTH, dtype="uint16").reshape(Z, C, T, HEIGHT, WIDTH)
    with site.gateway("alice") as conn, site.gateway("bob") as bob:
        planes = (values[z, c, t] for z in range(Z) for c in range(C) for t in range(T))
        image = conn.createImageFromNumpySeq(planes, "cells", sizeZ=Z, sizeC=C, sizeT=T)
        yield Study(conn, bob, values, image.id)


def rectangle(
    x: float, y: float, width: float, height: float, z: int | None = None, t: int | None = None, **more: Any
) -> Any:
    shape = omero.model.RectangleI()
    shape.x, shape.y, shape.width, shape.height = (rdouble(value) for value in (x, y, width, height))
    for name, value in {"theZ": z, "theT": t, **more}.items():
        setattr(shape, name, None if value is None else rint(value))
    return shape


def check(stats: Any, column: int, values: Any) -> None:
    """The numbers of one channel are those of these values."""
    assert stats.pointsCount[column] == values.size
    assert (stats.min[column], stats.max[column]) == (values.min(), values.max())
    assert stats.sum[column] == values.sum()
    assert stats.mean[column] == pytest.approx(values.mean())
    assert stats.stdDev[column] == pytest.approx(values.std(ddof=1))


def test_a_shape_on_one_plane_is_measured_there_in_all_channels(study: Study) -> None:
    shape_id = study.shape_id(rectangle(2, 1, 3, 2, z=1, t=0))

    stats = study.conn.getRoiService().getShapeStats(shape_id)

    assert stats.shapeId == shape_id
    assert list(stats.channelIds) == study.logical_channels()
    for channel in range(C):
        check(stats, channel, study.values[1, channel, 0, 1:3, 2:5])


def test_a_shape_on_all_planes_is_measured_on_all(study: Study) -> None:
    shape_id = study.shape_id(rectangle(0, 0, 2, 2, t=1))

    stats = study.conn.getRoiService().getShapeStats(shape_id)

    check(stats, 2, study.values[:, 2, 1, 0:2, 0:2])


def test_a_shape_of_one_channel_is_measured_in_that_one(study: Study) -> None:
    shape_id = study.shape_id(rectangle(0, 0, 2, 2, z=0, t=0, theC=1))

    [stats] = study.conn.getRoiService().getShapeStatsList([shape_id])

    assert list(stats.channelIds) == study.logical_channels()[1:2]
    check(stats, 0, study.values[0, 1, 0, 0:2, 0:2])


def test_a_roi_is_measured_shape_by_shape_and_as_a_whole(study: Study) -> None:
    roi = study.roi(rectangle(0, 0, 2, 2, z=0, t=0), rectangle(4, 0, 3, 1, z=1, t=1))

    stats = study.conn.getRoiService().getRoiStats(roi.id.val)

    assert (stats.roiId, stats.imageId) == (roi.id.val, study.image)
    assert stats.pixelsId == study.conn.getObject("Image", study.image).getPixelsId()
    first, second = study.values[0, 1, 0, 0:2, 0:2], study.values[1, 1, 1, 0:1, 4:7]
    check(stats.perShape[0], 1, first)
    check(stats.perShape[1], 1, second)
    assert stats.combined.shapeId == -1
    check(stats.combined, 1, np.concatenate([first.ravel(), second.ravel()]))


def test_a_shape_outside_of_the_image_has_no_pixels(study: Study) -> None:
    stats = study.conn.getRoiService().getShapeStats(study.shape_id(rectangle(50, 50, 2, 2)))

    assert (list(stats.pointsCount), list(stats.mean)) == ([0] * C, [0.0] * C)


def test_what_is_not_in_the_image_is_refused(study: Study) -> None:
    service = study.conn.getRoiService()
    shape_id = study.shape_id(rectangle(0, 0, 2, 2))
    nowhere = study.shape_id(rectangle(0, 0, 2, 2, z=99))

    for attempt, message in (
        (lambda: service.getShapeStatsRestricted([shape_id], 0, 0, [C]), "no channel 3"),
        (lambda: service.getShapeStatsRestricted([shape_id], Z, 0, [0]), "no plane z=2"),
        (lambda: service.getShapeStatsRestricted([shape_id], 0, 0, []), "at least one"),
        (lambda: service.getShapeStatsRestricted([], 0, 0, [0]), "at least one"),
        (lambda: service.getShapeStats(nowhere), "99"),
        (lambda: service.getRoiStats(10**9), "no Roi:1000000000"),
        (lambda: service.getTable(10**9), "no FileAnnotation:1000000000"),
    ):
        with pytest.raises(omero.ApiUsageException, match=message):
            attempt()


def test_carol_measures_nothing_in_a_group_that_is_not_hers(study: Study, site: Site) -> None:
    shape_id = study.shape_id(rectangle(0, 0, 2, 2))

    with site.client("carol") as carol, pytest.raises(omero.ValidationException, match="no Shape"):
        carol.sf.getRoiService().getShapeStats(shape_id)


def test_rois_by_id_are_those_of_the_user_who_is_asked_for(study: Study, site: Site) -> None:
    roi_id = study.roi(rectangle(0, 0, 1, 1)).id.val
    service = study.bob.getRoiService()

    of_alice, of_bob = (
        service.findByRoi(roi_id, omero.api.RoiOptions(userId=omero.rtypes.rlong(site.user_id(name))))
        for name in ("alice", "bob")
    )

    assert [found.id.val for found in of_alice.rois] == [roi_id]
    assert of_bob.rois == []


def png(pixels: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def test_each_colour_of_a_picture_becomes_a_mask(study: Study) -> None:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[2:4, 3:6] = (255, 0, 0)
    pixels[2, 4] = 0
    pixels[6, 7] = (0, 0, 9)
    service = study.conn.getRoiService()
    before = {roi.id.val for roi in service.findByImage(study.image, None).rois}

    service.uploadMask(study.image, 1, 0, png(pixels))

    masks = [
        roi.copyShapes()[0] for roi in service.findByImage(study.image, None).rois if roi.id.val not in before
    ]
    points = [service.getPoints(mask.id.val) for mask in masks]
    covered = sorted(sorted(zip(found.y, found.x, strict=True)) for found in points)
    assert covered == [[(2, 3), (2, 5), (3, 3), (3, 4), (3, 5)], [(6, 7)]]
    assert {(mask.theZ.val, mask.theT.val) for mask in masks} == {(1, 0)}


def test_what_is_no_picture_makes_no_mask(study: Study) -> None:
    for content in (b"", b"no picture"):
        with pytest.raises(omero.ApiUsageException, match="picture"):
            study.conn.getRoiService().uploadMask(study.image, 0, 0, content)


def test_bob_cannot_put_masks_on_an_image_that_he_may_only_look_at(study: Study) -> None:
    with pytest.raises(omero.SecurityViolation):
        study.bob.getRoiService().uploadMask(study.image, 0, 0, png(np.full((HEIGHT, WIDTH, 3), 5, np.uint8)))


def test_the_table_of_an_annotation_is_opened(study: Study) -> None:
    table = study.conn.c.sf.sharedResources().newTable(1, "measured.h5")
    table.initialize([omero.grid.LongColumn("cells", "", [])])
    table.addData([omero.grid.LongColumn("cells", "", [3, 5])])
    annotation = omero.model.FileAnnotationI()
    annotation.file = omero.model.OriginalFileI(table.getOriginalFile().id.val, False)
    table.close()
    annotation_id = study.conn.getUpdateService().saveAndReturnObject(annotation).id.val

    opened = study.conn.getRoiService().getTable(annotation_id)

    assert list(opened.read([0], 0, 2).columns[0].values) == [3, 5]
    opened.close()
