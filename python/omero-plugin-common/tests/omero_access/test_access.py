"""The access layer against the embedded OMERO: right answers, and few round trips."""

from __future__ import annotations

import omero.model
import pytest
from omero.rtypes import rint, rlong, rstring

from omero_plugin_common.omero_access.annotations import annotate, map_annotations_of
from omero_plugin_common.omero_access.deletion import DeletionError, delete
from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import chunks, images_of
from omero_plugin_common.omero_access.permissions import allowed, refused

NAMESPACE = "example.org/tests"


@pytest.fixture
def alice(people):
    with people.gateway("alice") as conn:
        yield conn


@pytest.fixture
def bob(people):
    with people.gateway("bob") as conn:
        yield conn


def dataset_with_images(conn, count, name="plates"):
    update = conn.getUpdateService()
    dataset = omero.model.DatasetI()
    dataset.name = rstring(name)
    links = []
    for number in range(count):
        image = omero.model.ImageI()
        image.name = rstring(f"sample_{number:04d}.tif")
        link = omero.model.DatasetImageLinkI()
        link.parent, link.child = dataset, image
        links.append(link)
    saved = update.saveAndReturnArray(links)
    return saved[0].parent.id.val, [link.child.id.val for link in saved]


class Calls:
    """Counts the calls of a service, passing them on."""

    def __init__(self, service):
        self.service = service
        self.names = []

    def __getattr__(self, name):
        self.names.append(name)
        return getattr(self.service, name)


def count_queries(conn, monkeypatch):
    calls = Calls(conn.getQueryService())
    monkeypatch.setattr(conn, "getQueryService", lambda: calls)
    return calls.names


def test_images_of_a_dataset_come_with_names_container_and_owner_in_two_queries(alice, monkeypatch):
    dataset_id, image_ids = dataset_with_images(alice, 300)
    queries = count_queries(alice, monkeypatch)
    found = images_of(alice, "Dataset", [dataset_id], with_owners=True)
    assert [image.id for image in found] == image_ids
    assert found[7].name == "sample_0007.tif"
    assert (found[0].container_id, found[0].container_name) == (dataset_id, "plates")
    assert found[0].owner_id == alice.getUserId()
    assert len(queries) == 2


def test_images_of_a_project_come_in_two_queries_too(alice, monkeypatch):
    project = omero.model.ProjectI()
    project.name = rstring("study")
    links = []
    for name in ("one", "two"):
        dataset_id, _ = dataset_with_images(alice, 20, name)
        link = omero.model.ProjectDatasetLinkI()
        link.parent, link.child = project, omero.model.DatasetI(dataset_id, False)
        links.append(link)
    project_id = alice.getUpdateService().saveAndReturnArray(links)[0].parent.id.val
    queries = count_queries(alice, monkeypatch)
    found = images_of(alice, "Project", [project_id])
    assert sorted({image.container_name for image in found}) == ["one", "two"]
    assert len(found) == 40
    assert len(queries) == 2


def test_paths_of_imported_images_cost_two_more_queries(alice, monkeypatch):
    fileset = omero.model.FilesetI()
    fileset.templatePrefix = rstring("alice/2026/")
    for name in ("first.tif", "second.tif"):
        file = omero.model.OriginalFileI()
        file.name, file.path, file.size = rstring(name), rstring("alice/2026/"), rlong(1)
        file.mimetype = rstring("image/tiff")
        entry = omero.model.FilesetEntryI()
        entry.clientPath, entry.originalFile = rstring(f"home/alice/{name}"), file
        fileset.addFilesetEntry(entry)
    image = omero.model.ImageI()
    image.name = rstring("first.tif")
    image.fileset = fileset
    image_id = alice.getUpdateService().saveAndReturnObject(image).id.val
    queries = count_queries(alice, monkeypatch)
    (found,) = images_of(alice, "Image", [image_id], with_paths=True)
    assert found.path == "home/alice/first.tif"
    assert len(queries) <= 4


def test_images_of_plates_and_screens_name_their_plate(alice):
    image = omero.model.ImageI()
    image.name = rstring("A1 field 1")
    sample = omero.model.WellSampleI()
    sample.image = image
    well = omero.model.WellI()
    well.row, well.column = rint(0), rint(0)
    well.addWellSample(sample)
    plate = omero.model.PlateI()
    plate.name = rstring("plate 7")
    plate.addWell(well)
    screen = omero.model.ScreenI()
    screen.name = rstring("drug screen")
    link = omero.model.ScreenPlateLinkI()
    link.parent, link.child = screen, plate
    saved = alice.getUpdateService().saveAndReturnObject(link)
    for kind, number in (("Plate", saved.child.id.val), ("Screen", saved.parent.id.val)):
        (found,) = images_of(alice, kind, [number])
        assert (found.name, found.container_id, found.container_name) == (
            "A1 field 1",
            saved.child.id.val,
            "plate 7",
        )


def test_images_asked_by_id_may_lie_in_no_container(alice):
    image = omero.model.ImageI()
    image.name = rstring("orphan")
    image_id = alice.getUpdateService().saveAndReturnObject(image).id.val
    (found,) = images_of(alice, "Image", [image_id])
    assert (found.name, found.container_id) == ("orphan", None)


def test_another_type_is_refused_with_the_right_ones():
    with pytest.raises(ValueError, match="Project, Dataset, Plate, Screen, Image"):
        images_of(None, "Fileset", [1])


def test_annotations_are_written_in_batches_and_read_back_in_order(alice, monkeypatch):
    _, ids = dataset_with_images(alice, 600)
    update = Calls(alice.getUpdateService())
    monkeypatch.setattr(alice, "getUpdateService", lambda: update)
    wanted = {number: [("zeta", "1"), ("alpha", str(number)), ("zeta", "2")] for number in ids}
    made = annotate(alice, "Image", wanted, NAMESPACE)
    assert update.names == ["saveAndReturnArray"] * 3
    queries = count_queries(alice, monkeypatch)
    found = map_annotations_of(alice, "Image", ids, namespace=NAMESPACE)
    assert len(queries) == 2
    assert {number: list(rows[0].pairs) for number, rows in found.items()} == wanted
    assert {number: rows[0].id for number, rows in found.items()} == made


def test_only_the_namespace_asked_for_is_read(alice):
    _, ids = dataset_with_images(alice, 2)
    annotate(alice, "Image", {ids[0]: [("a", "1")]}, NAMESPACE)
    annotate(alice, "Image", {ids[0]: [("b", "2")]}, "example.org/other")
    found = map_annotations_of(alice, "Image", ids, namespace=NAMESPACE)
    assert [row.pairs for row in found[ids[0]]] == [(("a", "1"),)]
    assert len(map_annotations_of(alice, "Image", ids)[ids[0]]) == 2
    assert ids[1] not in found


def test_deleting_takes_annotations_and_links_together(alice):
    _, ids = dataset_with_images(alice, 30)
    made = annotate(alice, "Image", {number: [("a", "1")] for number in ids}, NAMESPACE)
    counted = delete(alice, "MapAnnotation", made.values(), dry_run=True)
    assert counted.counts["MapAnnotation"] == 30
    assert len(map_annotations_of(alice, "Image", ids)) == 30
    done = delete(alice, "MapAnnotation", made.values())
    assert (done.counts["MapAnnotation"], done.counts["ImageAnnotationLink"]) == (30, 30)
    assert map_annotations_of(alice, "Image", ids) == {}


def test_bob_cannot_delete_alices_annotations(alice, bob):
    _, ids = dataset_with_images(alice, 1)
    made = annotate(alice, "Image", {ids[0]: [("a", "1")]}, NAMESPACE)
    with pytest.raises(DeletionError, match="refused to delete 1 MapAnnotations"):
        delete(bob, "MapAnnotation", made.values())
    assert map_annotations_of(alice, "Image", ids)


def test_permissions_are_asked_once_for_all_objects(alice, bob, monkeypatch):
    _, alices = dataset_with_images(alice, 50)
    _, bobs = dataset_with_images(bob, 1)
    queries = count_queries(bob, monkeypatch)
    assert allowed(bob, "Image", [*alices, *bobs], "canAnnotate") == set(bobs)
    assert refused(bob, "Image", [alices[0], bobs[0], 10**9], "canEdit") == [alices[0], 10**9]
    assert allowed(bob, "Image", alices, "canRead") == set(alices)
    assert len(queries) == 3


def test_the_group_context_ends_with_the_block_even_after_a_fault(alice):
    before = alice.SERVICE_OPTS.getOmeroGroup()
    inside = []

    def fail():
        with in_group(alice, ALL_GROUPS):
            inside.append(alice.SERVICE_OPTS.getOmeroGroup())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert inside == ["-1"]
    assert alice.SERVICE_OPTS.getOmeroGroup() == before


def test_ids_are_split_without_repeats():
    assert chunks([3, 1, 2, 3], 2) == [[1, 2], [3]]
    assert chunks([]) == []
