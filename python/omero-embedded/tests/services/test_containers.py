"""IContainer, IMetadata, ITimeline, IRoi, and the services that say what is not there."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import pytest
from omero.rtypes import rdouble, rint, rstring, rtime
from omero.sys import ParametersI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

WIDTH, HEIGHT = 20, 10


@dataclass(frozen=True)
class Study:
    """A project with a dataset with an image whose values are 0, 1, 2 … in reading order, as alice sees it."""

    conn: Any
    bob: Any
    user_id: int
    project: int
    dataset: int
    image: int

    def save(self, obj: Any) -> Any:
        return self.conn.getUpdateService().saveAndReturnObject(obj)


@pytest.fixture(scope="module")
def study(site: Site) -> Iterator[Study]:
    site.group("lab", "rwra--", "alice", "bob")
    with ExitStack() as stack:
        conn, bob = (stack.enter_context(site.gateway(name)) for name in ("alice", "bob"))
        project, dataset = omero.model.ProjectI(), omero.model.DatasetI()
        project.name, dataset.name = rstring("study"), rstring("day one")
        project.linkDataset(dataset)
        project = conn.getUpdateService().saveAndReturnObject(project)
        dataset_id = project.linkedDatasetList()[0].id.val
        plane = np.arange(WIDTH * HEIGHT, dtype="uint16").reshape(HEIGHT, WIDTH)
        image = conn.createImageFromNumpySeq(
            iter([plane]), "cells", dataset=conn.getObject("Dataset", dataset_id)
        )
        yield Study(conn, bob, site.user_id("alice"), project.id.val, dataset_id, image.id)


def test_a_hierarchy_goes_down_to_the_pixels(study: Study) -> None:
    options = ParametersI().leaves()

    found = study.conn.getContainerService().loadContainerHierarchy("Project", [study.project], options)

    image = found[0].linkedDatasetList()[0].linkedImageList()[0]
    assert image.getPrimaryPixels().pixelsType.value.val == "uint16"


def test_a_hierarchy_without_ids_is_everybodys_or_one_persons(study: Study, site: Site) -> None:
    container = study.conn.getContainerService()
    theirs = ParametersI().exp(site.user_id("bob"))

    assert [obj.id.val for obj in container.loadContainerHierarchy("Project", None, None)] == [study.project]
    assert container.loadContainerHierarchy("Project", None, theirs) == []


def test_datasets_without_a_project_come_along_when_asked_for(study: Study) -> None:
    loose = omero.model.DatasetI()
    loose.name = rstring("loose")
    loose = study.save(loose)
    options = ParametersI().exp(study.user_id).orphan()

    found = study.conn.getContainerService().loadContainerHierarchy("Project", None, options)

    assert [(type(obj).__name__, obj.name.val) for obj in found] == [
        ("ProjectI", "study"),
        ("DatasetI", "loose"),
    ]
    study.conn.getUpdateService().deleteObject(loose)


def test_images_are_found_by_id_and_by_container(study: Study) -> None:
    container = study.conn.getContainerService()

    for kind, object_id in (("Image", study.image), ("Dataset", study.dataset), ("Project", study.project)):
        images = container.getImages(kind, [object_id], None)
        assert [image.id.val for image in images] == [study.image]
        assert images[0].sizeOfPixels() == 1


def test_the_way_up_from_an_image_ends_at_its_project(study: Study) -> None:
    found = study.conn.getContainerService().findContainerHierarchies("Project", [study.image], None)

    assert [obj.id.val for obj in found] == [study.project]
    assert found[0].linkedDatasetList()[0].linkedImageList()[0].id.val == study.image


def test_elements_of_a_collection_are_counted_by_object(study: Study) -> None:
    container = study.conn.getContainerService()

    assert container.getCollectionCount("Dataset", "imageLinks", [study.dataset], None) == {study.dataset: 1}
    assert container.getCollectionCount(
        "ome.model.containers.Dataset", "ome.model.containers.Dataset_imageLinks", [study.dataset], None
    ) == {study.dataset: 1}
    with pytest.raises(omero.ApiUsageException, match="imageLinks"):
        container.getCollectionCount("Dataset", "wheels", [study.dataset], None)


def test_filesets_that_are_only_partly_covered_are_found(study: Study) -> None:
    fileset = omero.model.FilesetI()
    fileset.templatePrefix = rstring("alice/")
    fileset = study.save(fileset)
    images = []
    for name in ("first", "second"):
        image = omero.model.ImageI()
        image.name, image.fileset = rstring(name), omero.model.FilesetI(fileset.id.val, False)
        images.append(study.save(image).id.val)
    container = study.conn.getContainerService()

    split = container.getImagesBySplitFilesets({"Image": images[:1]}, None)

    assert split == {fileset.id.val: {True: images[:1], False: images[1:]}}
    assert container.getImagesBySplitFilesets({"Image": images}, None) == {}


def tagged(study: Study, text: str, namespace: str | None = None) -> int:
    link = omero.model.ImageAnnotationLinkI()
    link.parent, link.child = omero.model.ImageI(study.image, False), omero.model.TagAnnotationI()
    link.child.textValue = rstring(text)
    link.child.ns = None if namespace is None else rstring(namespace)
    tag: int = study.save(link).child.id.val
    return tag


def test_annotations_are_loaded_by_type_and_by_who_linked_them(study: Study) -> None:
    tag = tagged(study, "mitosis")
    metadata = study.conn.getMetadataService()

    by_type = metadata.loadAnnotations(
        "Image", [study.image], ["ome.model.annotations.TagAnnotation"], [], None
    )
    other_type = metadata.loadAnnotations("Image", [study.image], ["CommentAnnotation"], [], None)
    other_user = metadata.loadAnnotations("Image", [study.image], None, [10**6], None)

    assert tag in [annotation.id.val for annotation in by_type[study.image]]
    assert other_type == other_user == {study.image: []}


def test_annotations_are_loaded_by_namespace(study: Study) -> None:
    mine, other = tagged(study, "one", "a.b"), tagged(study, "two", "c.d")
    metadata = study.conn.getMetadataService()

    included = metadata.loadSpecifiedAnnotations("TagAnnotation", ["a.b"], [], None)
    excluded = metadata.loadSpecifiedAnnotations("TagAnnotation", [], ["a.b"], None)
    linked = metadata.loadSpecifiedAnnotationsLinkedTo(
        "TagAnnotation", ["c.d"], [], "Image", [study.image], None
    )

    assert [annotation.id.val for annotation in included] == [mine]
    assert mine not in [annotation.id.val for annotation in excluded]
    assert [annotation.id.val for annotation in linked[study.image]] == [other]
    assert metadata.countSpecifiedAnnotations("TagAnnotation", ["a.b"], [], None).val == 1


def test_what_carries_a_tag_is_listed_and_counted(study: Study) -> None:
    tag = tagged(study, "counted")
    metadata = study.conn.getMetadataService()

    assert metadata.getTaggedObjectsCount([tag], None) == {tag: 1}
    assert [obj.id.val for obj in metadata.loadTagContent([tag], None)[tag]] == [study.image]


def test_bob_uses_alices_tag_without_owning_it(study: Study, site: Site) -> None:
    tag = tagged(study, "borrowed")
    link = omero.model.ProjectAnnotationLinkI()
    link.parent, link.child = (
        omero.model.ProjectI(study.project, False),
        omero.model.TagAnnotationI(tag, False),
    )
    study.bob.getUpdateService().saveObject(link)

    used = study.bob.getMetadataService().loadAnnotationsUsedNotOwned("TagAnnotation", site.user_id("bob"))

    assert [annotation.id.val for annotation in used] == [tag]


def test_instruments_come_with_their_parts(study: Study) -> None:
    instrument, objective = omero.model.InstrumentI(), omero.model.ObjectiveI()
    objective.immersion, objective.correction = omero.model.ImmersionI(), omero.model.CorrectionI()
    objective.immersion.value, objective.correction.value = rstring("Oil"), rstring("PlanApo")
    instrument.addObjective(objective)
    laser = omero.model.LaserI()
    laser.type, laser.laserMedium = omero.model.LaserTypeI(), omero.model.LaserMediumI()
    laser.type.value, laser.laserMedium.value = rstring("Gas"), rstring("Ar")
    instrument.addLightSource(laser)
    instrument_id = study.save(instrument).id.val

    found = study.conn.getMetadataService().loadInstrument(instrument_id)

    assert found.copyObjective()[0].immersion.value.val == "Oil"
    assert found.copyLightSource()[0].laserMedium.value.val == "Ar"


def test_channels_come_with_their_detector(study: Study) -> None:
    channel = omero.model.LogicalChannelI()
    channel.name = rstring("DAPI")
    settings, detector = omero.model.DetectorSettingsI(), omero.model.DetectorI()
    detector.instrument, detector.type = omero.model.InstrumentI(), omero.model.DetectorTypeI()
    detector.type.value, detector.model = rstring("CCD"), rstring("Orca")
    settings.detector = detector
    channel.detectorSettings = settings
    channel_id = study.save(channel).id.val

    found = study.conn.getMetadataService().loadChannelAcquisitionData([channel_id])

    assert found[0].detectorSettings.detector.model.val == "Orca"


def test_the_timeline_counts_and_lists_what_was_made(study: Study) -> None:
    timeline = study.conn.getTimelineService()
    made = study.conn.getObject("Project", study.project).creationEventDate()
    start, end = rtime(int(made.timestamp() * 1000) - 1), rtime(int(time.time() * 1000) + 60_000)
    options = ParametersI().exp(study.user_id).page(0, 10)

    counts = timeline.countByPeriod(["Project", "Dataset", "Annotation"], start, end, options)
    found = timeline.getByPeriod(["Project"], start, end, options, False)
    logs = timeline.getEventLogsByPeriod(start, end, options)

    assert counts == {"Project": 1, "Dataset": 1, "Annotation": -1}
    assert [project.id.val for project in found["Project"]] == [study.project]
    assert "ome.model.containers.Project" in {log.entityType.val for log in logs}


def test_images_are_on_the_timeline_by_their_acquisition_date(study: Study) -> None:
    image = omero.model.ImageI()
    image.name, image.acquisitionDate = rstring("long ago"), rtime(1_000_000_000_000)
    image_id = study.save(image).id.val

    found = study.conn.getTimelineService().getByPeriod(
        ["Image"], rtime(999_999_999_000), rtime(1_000_000_001_000), None, True
    )

    assert [obj.id.val for obj in found["Image"]] == [image_id]


def rectangle(x: float, y: float, width: float, height: float) -> Any:
    shape = omero.model.RectangleI()
    shape.x, shape.y, shape.width, shape.height = (rdouble(value) for value in (x, y, width, height))
    return shape


def roi_with(study: Study, *shapes: Any) -> Any:
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(study.image, False)
    for shape in shapes:
        roi.addShape(shape)
    return study.save(roi)


def test_rois_are_found_by_image_plane_and_id(study: Study) -> None:
    first, second = rectangle(0, 0, 1, 1), rectangle(1, 1, 1, 1)
    first.theZ, first.theT = rint(3), rint(0)
    roi = roi_with(study, first)
    everywhere = roi_with(study, second)
    service = study.conn.getRoiService()

    on_image = service.findByImage(study.image, None)
    on_plane = service.findByPlane(study.image, 0, 0, None)

    assert {roi.id.val, everywhere.id.val} <= {found.id.val for found in on_image.rois}
    assert roi.id.val not in {found.id.val for found in on_plane.rois}
    assert len(on_image.byZ[3]) == 1
    assert service.findByRoi(roi.id.val, None).rois[0].copyShapes()[0].theZ.val == 3


def test_a_shape_comes_with_its_roi(study: Study) -> None:
    roi = roi_with(study, rectangle(0, 0, 1, 1))
    roi.name = rstring("spot")
    study.save(roi)

    [shape] = study.conn.getQueryService().findAllByQuery(
        f"select s from Shape s where s.roi.id = {roi.id.val}", None
    )

    assert shape.roi.name.val == "spot"


def test_measurements_are_files_on_both_the_plate_of_an_image_and_a_roi(study: Study) -> None:
    roi, other = roi_with(study, rectangle(0, 0, 1, 1)), roi_with(study, rectangle(1, 1, 1, 1))
    plate, well, sample = omero.model.PlateI(), omero.model.WellI(), omero.model.WellSampleI()
    plate.name = rstring("measured")
    sample.image = omero.model.ImageI(study.image, False)
    well.addWellSample(sample)
    plate.addWell(well)
    on_both, on_plate = (omero.model.FileAnnotationI() for _ in range(2))
    for annotation in (on_both, on_plate):
        annotation.ns = rstring(omero.constants.namespaces.NSMEASUREMENT)
        plate.linkAnnotation(annotation)
    roi.linkAnnotation(on_both)
    roi = study.save(roi)
    on_both.id = roi.linkedAnnotationList()[0].id
    service = study.conn.getRoiService()

    plate.unlinkAnnotation(on_both)
    plate.linkAnnotation(omero.model.FileAnnotationI(on_both.id.val, False))
    study.save(plate)

    found = service.getRoiMeasurements(study.image, omero.api.RoiOptions())
    assert [annotation.id.val for annotation in found] == [on_both.id.val]
    measured = service.getMeasuredRois(study.image, on_both.id.val, omero.api.RoiOptions())
    assert [one.id.val for one in measured.rois] == [roi.id.val] != [other.id.val]
    by_file = service.getMeasuredRoisMap(study.image, [on_both.id.val], omero.api.RoiOptions())
    assert [one.id.val for one in by_file[on_both.id.val].rois] == [roi.id.val]


def test_statistics_are_those_of_the_pixels_inside(study: Study) -> None:
    shape_id = roi_with(study, rectangle(2, 1, 3, 2)).copyShapes()[0].id.val

    [stats] = study.conn.getRoiService().getShapeStatsRestricted([shape_id], 0, 0, [0])

    values = np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)[1:3, 2:5]
    assert stats.pointsCount == [6]
    assert (stats.min, stats.max) == ([values.min()], [values.max()])
    assert stats.sum == [values.sum()]
    assert stats.mean == [pytest.approx(values.mean())]
    assert stats.stdDev == [pytest.approx(values.std(ddof=1))]


def test_points_of_a_shape_lie_within_the_image(study: Study) -> None:
    shape_id = roi_with(study, rectangle(-5, -5, 7, 6)).copyShapes()[0].id.val

    points = study.conn.getRoiService().getPoints(shape_id)

    assert list(zip(points.x, points.y, strict=True)) == [(0, 0), (1, 0)]
