"""What a deletion takes along, what it leaves, and what it refuses."""

from __future__ import annotations

from typing import Any

import omero
import omero.all
import omero.cmd
from omero.rtypes import rstring


def names(response: Any) -> dict[str, list[int]]:
    """Deleted ids by short class name."""
    assert isinstance(response, omero.cmd.Delete2Response), response
    return {name.rpartition(".")[2]: ids for name, ids in response.deletedObjects.items()}


def excluding(*types: str, namespaces: list[str] | None = None) -> list[Any]:
    return [omero.cmd.graphs.ChildOption(excludeType=list(types), includeNs=namespaces)]


def test_an_image_goes_with_pixels_channels_and_links(world: Any) -> None:
    dataset = world.container("Dataset")
    image = world.image(dataset)

    deleted = names(world.delete("alice", Image=image))

    assert deleted.keys() == {"Image", "Pixels", "Channel", "LogicalChannel", "DatasetImageLink"}
    assert world.exists("Dataset", dataset)
    assert not world.exists("Image", image)


def test_classes_are_named_in_full(world: Any) -> None:
    image = world.image()

    response = world.delete("alice", Image=image)

    assert response.deletedObjects["ome.model.core.Image"] == [image]


def test_a_dataset_takes_its_images_but_not_those_in_another_dataset(world: Any) -> None:
    dataset, other = world.container("Dataset"), world.container("Dataset")
    alone, shared = world.image(dataset), world.image(dataset)
    world.link("DatasetImage", other, shared)

    deleted = names(world.delete("alice", Dataset=dataset))

    assert deleted["Image"] == [alone]
    assert world.exists("Image", shared)


def test_a_project_takes_its_datasets_and_their_images(world: Any) -> None:
    project, dataset = world.container("Project"), world.container("Dataset")
    world.link("ProjectDataset", project, dataset)
    image = world.image(dataset)

    deleted = names(world.delete("alice", Project=project))

    assert (deleted["Dataset"], deleted["Image"]) == ([dataset], [image])


def test_contents_that_are_excluded_stay(world: Any) -> None:
    project, dataset = world.container("Project"), world.container("Dataset")
    world.link("ProjectDataset", project, dataset)

    deleted = names(world.delete("alice", excluding("Dataset"), Project=project))

    assert deleted.keys() == {"Project", "ProjectDatasetLink"}
    assert world.exists("Dataset", dataset)


def test_contents_that_are_included_go_even_if_others_use_them(world: Any) -> None:
    dataset, other = world.container("Dataset"), world.container("Dataset")
    image = world.image(dataset)
    world.link("DatasetImage", other, image)

    included = [omero.cmd.graphs.ChildOption(includeType=["Image"])]
    deleted = names(world.delete("alice", included, Dataset=dataset))

    assert deleted["Image"] == [image]
    assert world.exists("Dataset", other)


def test_a_dry_run_says_the_same_and_deletes_nothing(world: Any) -> None:
    dataset = world.container("Dataset")
    image = world.image(dataset)

    planned = names(world.delete("alice", Dataset=dataset, dry_run=True))

    assert world.exists("Image", image)
    assert world.exists("Dataset", dataset)
    assert names(world.delete("alice", Dataset=dataset)) == planned


def test_a_comment_goes_with_its_image_but_a_tag_on_another_image_stays(world: Any) -> None:
    image, other = world.image(), world.image()
    tag = world.annotate(image, world.tag())
    world.annotate(other, omero.model.TagAnnotationI(tag, False))
    comment = world.annotate(image, world.comment(), who="bob")

    world.delete("alice", Image=image)

    assert world.exists("Annotation", tag)
    assert not world.exists("Annotation", comment)


def test_a_tag_that_only_this_image_had_goes_unless_it_is_excluded(world: Any) -> None:
    first, second = world.image(), world.image()
    gone, kept = world.annotate(first, world.tag()), world.annotate(second, world.tag())

    world.delete("alice", Image=first)
    world.delete("alice", excluding("TagAnnotation"), Image=second)

    assert not world.exists("Annotation", gone)
    assert world.exists("Annotation", kept)


def test_somebody_elses_tag_stays(world: Any) -> None:
    image = world.image()
    tag = world.annotate(image, world.tag(), who="bob")

    deleted = names(world.delete("alice", Image=image))

    assert "TagAnnotation" not in deleted
    assert world.exists("Annotation", tag)


def test_annotations_can_be_excluded_by_namespace(world: Any) -> None:
    image = world.image()
    mine, other = omero.model.MapAnnotationI(), omero.model.MapAnnotationI()
    mine.ns, other.ns = rstring("keep.me"), rstring("drop.me")
    kept, gone = world.annotate(image, mine), world.annotate(image, other)

    world.delete("alice", excluding("MapAnnotation", namespaces=["keep.me"]), Image=image)

    assert world.exists("Annotation", kept)
    assert not world.exists("Annotation", gone)


def test_part_of_a_fileset_cannot_be_deleted(world: Any) -> None:
    fileset = world.container("Fileset")
    first, second = world.image(fileset=fileset), world.image(fileset=fileset)

    refused = world.delete("alice", Image=first)

    assert isinstance(refused, omero.cmd.GraphException)
    assert (
        refused.message
        == f"within Fileset[{fileset}] may not delete Image[{first}] while Image[{second}] remains"
    )
    assert world.exists("Image", first)


def test_all_images_of_a_fileset_take_it_along(world: Any) -> None:
    fileset = world.container("Fileset")
    images = [world.image(fileset=fileset), world.image(fileset=fileset)]

    deleted = names(world.delete("alice", Image=images))

    assert deleted["Fileset"] == [fileset]


def test_a_dataset_leaves_images_whose_fileset_has_others_elsewhere(world: Any) -> None:
    fileset, dataset = world.container("Fileset"), world.container("Dataset")
    inside, outside = world.image(dataset, fileset=fileset), world.image(fileset=fileset)

    deleted = names(world.delete("alice", Dataset=dataset))

    assert "Image" not in deleted
    assert world.exists("Image", inside)
    assert world.exists("Image", outside)


def test_rois_and_shapes_go_with_the_image(world: Any) -> None:
    image = world.image()
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image, False)
    roi.addShape(omero.model.PointI())
    world.save("alice", roi)

    deleted = names(world.delete("alice", Image=image))

    assert len(deleted["Roi"]) == len(deleted["Point"]) == 1


def test_a_file_annotation_takes_its_file_unless_another_uses_it(world: Any) -> None:
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring("table.csv"), rstring("/")
    file_id = world.save("alice", file).id.val
    first, second = omero.model.FileAnnotationI(), omero.model.FileAnnotationI()
    for annotation in (first, second):
        annotation.file = omero.model.OriginalFileI(file_id, False)
    first_id, second_id = world.save("alice", first).id.val, world.save("alice", second).id.val

    assert "OriginalFile" not in names(world.delete("alice", Annotation=first_id))
    assert names(world.delete("alice", Annotation=second_id))["OriginalFile"] == [file_id]


def test_a_plate_goes_with_wells_fields_and_images(world: Any) -> None:
    screen, plate = world.container("Screen"), world.container("Plate")
    world.link("ScreenPlate", screen, plate)
    image = world.image()
    well, field = omero.model.WellI(), omero.model.WellSampleI()
    well.plate = omero.model.PlateI(plate, False)
    field.image = omero.model.ImageI(image, False)
    well.addWellSample(field)
    world.save("alice", well)

    refused = world.delete("alice", Image=image)
    assert isinstance(refused, omero.cmd.GraphException)
    assert "WellSample" in refused.message

    deleted = names(world.delete("alice", Screen=screen))
    assert deleted["Image"] == [image]
    assert {"Plate", "Well", "WellSample", "ScreenPlateLink"} <= deleted.keys()


def test_bob_cannot_delete_alices_image(world: Any) -> None:
    image = world.image()

    refused = world.delete("bob", Image=image)

    assert isinstance(refused, omero.cmd.GraphException)
    assert refused.message == f"not permitted to delete Image[{image}]"


def test_bob_cannot_delete_what_he_cannot_see(world: Any) -> None:
    image = world.image(group=world.private)

    refused = world.delete("bob", Image=image)

    assert refused.message == f"cannot read Image[{image}]"


def test_bobs_settings_of_alices_image_go_with_it(world: Any) -> None:
    image = world.image()
    pixels_id = (
        world.sessions["alice"]
        .sf.getQueryService()
        .findByQuery(f"select p from Pixels p where p.image.id = {image}", None)
        .id.val
    )
    thumbnail = omero.model.ThumbnailI()
    thumbnail.mimeType = rstring("image/jpeg")
    thumbnail.sizeX = thumbnail.sizeY = omero.rtypes.rint(96)
    thumbnail.pixels = omero.model.PixelsI(pixels_id, False)
    world.save("bob", thumbnail)

    assert len(names(world.delete("alice", Image=image))["Thumbnail"]) == 1


def test_users_cannot_be_deleted_like_data(world: Any) -> None:
    refused = world.delete("root", Experimenter=world.site.user_id("bob"))

    assert isinstance(refused, omero.cmd.ERR)
    assert "cannot target Experimenter" in refused.parameters["message"]


def test_a_deletion_is_logged(world: Any) -> None:
    image = world.image()
    world.delete("alice", Image=image)

    logs = (
        world.sessions["root"]
        .sf.getQueryService()
        .findAllByQuery(
            f"select l from EventLog l where l.entityId = {image} and l.entityType = 'ome.model.core.Image'",
            None,
        )
    )
    assert [log.action.val for log in logs] == ["INSERT", "DELETE"]


def test_whoever_keeps_files_is_told_after_the_commit(world: Any) -> None:
    told: list[tuple[str, list[int], bool]] = []
    image = world.image()
    hook = world.site.server.after_delete
    hook.append(lambda name, ids: told.append((name, ids, world.exists("Image", image))))
    try:
        world.delete("alice", Image=image)
    finally:
        hook.pop()

    assert ("Image", [image], False) in told
    assert "Pixels" in {name for name, _, _ in told}


def test_a_thousand_images_are_deleted_in_a_few_seconds(world: Any) -> None:
    dataset = world.container("Dataset")
    links = []
    for number in range(1000):
        link = omero.model.DatasetImageLinkI()
        link.parent = omero.model.DatasetI(dataset, False)
        link.child = omero.model.ImageI()
        link.child.name = rstring(f"image {number}")
        links.append(link)
    update = world.sessions["alice"].sf.getUpdateService()
    update.saveArray(links, {"omero.group": str(world.lab)})

    deleted = names(world.delete("alice", Dataset=dataset))

    assert len(deleted["Image"]) == 1000
