"""What saving an object graph does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.model.enums import UnitsLength
from omero.rtypes import rdouble, rint, rstring, rtime

if TYPE_CHECKING:
    from omero.gateway import BlitzGateway


def project_with_dataset() -> Any:
    project = omero.model.ProjectI()
    project.name = rstring("study")
    dataset = omero.model.DatasetI()
    dataset.name = rstring("day one")
    project.linkDataset(dataset)
    return project


def image_with_pixels(name: str = "cells") -> Any:
    image = omero.model.ImageI()
    image.name = rstring(name)
    pixels = omero.model.PixelsI()
    pixels.sha1 = rstring("unknown")
    for axis in "XYZCT":
        setattr(pixels, f"size{axis}", rint(1))
    pixels.pixelsType = omero.model.PixelsTypeI()
    pixels.pixelsType.value = rstring("uint8")
    pixels.dimensionOrder = omero.model.DimensionOrderI()
    pixels.dimensionOrder.value = rstring("XYZCT")
    for label in ("red", "green", "blue"):
        channel = omero.model.ChannelI()
        channel.logicalChannel = omero.model.LogicalChannelI()
        channel.logicalChannel.name = rstring(label)
        pixels.addChannel(channel)
    image.addPixels(pixels)
    return image


def test_new_objects_are_saved_with_everything_they_hold(alice: Any) -> None:
    saved = alice.save(project_with_dataset())

    dataset = saved.linkedDatasetList()[0]
    assert saved.id.val > 0
    assert (
        alice.one(f"select l from ProjectDatasetLink l where l.parent.id = {saved.id.val}").child.id
        == dataset.id
    )
    assert alice.one(f"select d from Dataset d where d.id = {dataset.id.val}").name.val == "day one"


def test_a_new_link_comes_back_with_both_ends_loaded_but_not_their_contents(alice: Any) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("study")
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(alice.save(project).id.val, False)
    link.child = omero.model.DatasetI(alice.dataset("day two").id.val, False)

    saved = alice.save(link)

    assert (saved.parent.name.val, saved.child.name.val) == ("study", "day two")
    assert saved.parent.details.group.id.val == saved.details.group.id.val
    assert not saved.parent.isDatasetLinksLoaded()


def test_an_enumeration_named_by_its_id_comes_back_with_its_value(bob: Any) -> None:
    image = image_with_pixels()
    image.copyPixels()[0].pixelsType = omero.model.PixelsTypeI(1, False)

    (pixels,) = bob.save(image).copyPixels()

    assert pixels.pixelsType.value.val == bob.query.get("PixelsType", 1).value.val


def tag_on(dataset: Any, tag: Any) -> Any:
    link = omero.model.DatasetAnnotationLinkI()
    link.parent = omero.model.DatasetI(dataset.id.val, False)
    link.child = omero.model.TagAnnotationI(tag.id.val, False)
    return link


def test_nobody_links_two_objects_twice_but_two_people_may_do_so_once_each(alice: Any, bob: Any) -> None:
    dataset, tag = alice.dataset(), alice.save(omero.model.TagAnnotationI())
    alice.save(tag_on(dataset, tag))

    with pytest.raises(omero.ValidationException, match="has a DatasetAnnotationLink"):
        alice.save(tag_on(dataset, tag))
    bob.save(tag_on(dataset, tag))

    assert (
        len(
            alice.query.findAllByQuery(
                f"select l from DatasetAnnotationLink l where l.child.id = {tag.id.val}", None
            )
        )
        == 2
    )


def test_two_equal_links_in_one_save_leave_nothing_behind(alice: Any) -> None:
    tag = alice.save(omero.model.TagAnnotationI())
    dataset = omero.model.DatasetI()
    dataset.name = rstring("twice tagged")
    for _ in range(2):
        dataset.linkAnnotation(omero.model.TagAnnotationI(tag.id.val, False))

    with pytest.raises(omero.ValidationException, match="has a DatasetAnnotationLink"):
        alice.save(dataset)

    assert alice.one("select d from Dataset d where d.name = 'twice tagged'") is None


def test_a_saved_object_comes_back_with_owner_group_events_and_version(alice: Any, group: int) -> None:
    details = alice.dataset().details

    assert details.owner.omeName.val == "alice"
    assert details.group.id.val == group
    assert details.group.name.val == "lab"
    assert details.creationEvent.id == details.updateEvent.id
    assert details.creationEvent.time.val > 0
    assert details.permissions.canEdit()


def test_only_what_differs_is_changed_and_the_version_goes_up(alice: Any) -> None:
    dataset = alice.dataset()
    again = alice.save(dataset)
    assert again.version.val == 0

    again.description = rstring("better")
    changed = alice.save(again)

    assert changed.version.val == 1
    assert changed.details.updateEvent.id.val > changed.details.creationEvent.id.val


def test_saving_an_outdated_copy_is_refused(alice: Any) -> None:
    dataset = alice.dataset()
    mine = alice.one(f"select d from Dataset d where d.id = {dataset.id.val}")
    dataset.name = rstring("first")
    alice.save(dataset)

    mine.name = rstring("second")
    with pytest.raises(omero.OptimisticLockException) as refused:
        alice.save(mine)

    assert "reload" in refused.value.message
    assert alice.one(f"select d from Dataset d where d.id = {dataset.id.val}").name.val == "first"


def test_a_missing_name_is_refused_by_its_full_name(alice: Any) -> None:
    with pytest.raises(omero.ValidationException) as refused:
        alice.save(omero.model.DatasetI())

    assert "ome.model.containers.Dataset.name" in refused.value.message


def test_a_name_cannot_be_taken_away(alice: Any) -> None:
    dataset = alice.dataset()
    dataset.name = None

    with pytest.raises(omero.ValidationException):
        alice.save(dataset)


def test_a_link_to_something_that_does_not_exist_is_refused(alice: Any) -> None:
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(10**6, False)
    link.child = omero.model.DatasetI(alice.dataset().id.val, False)

    with pytest.raises(omero.ValidationException) as refused:
        alice.save(link)

    assert "Project:1000000 does not exist" in refused.value.message


def test_a_deleted_object_cannot_be_saved_again(alice: Any) -> None:
    dataset = alice.dataset()
    alice.update.deleteObject(dataset)
    dataset.name = rstring("back from the dead")

    with pytest.raises(omero.ValidationException) as refused:
        alice.save(dataset)

    assert "no longer exists" in refused.value.message


def test_ids_are_never_used_twice(alice: Any) -> None:
    dataset = alice.dataset()
    alice.update.deleteObject(dataset)

    assert alice.dataset().id.val > dataset.id.val


def links_of(desk: Any, project_id: int) -> list[int]:
    found = desk.query.findAllByQuery(
        f"select l from ProjectDatasetLink l where l.parent.id = {project_id}", None
    )
    return [link.child.id.val for link in found]


def with_links(desk: Any, project_id: int) -> Any:
    return desk.one(f"select p from Project p left outer join fetch p.datasetLinks where p.id = {project_id}")


def test_an_unloaded_collection_stays_as_it_is(alice: Any) -> None:
    project = alice.save(project_with_dataset())
    bare = alice.one(f"select p from Project p where p.id = {project.id.val}")
    bare.description = rstring("changed")

    alice.save(bare)

    assert len(links_of(alice, project.id.val)) == 1


def test_a_link_that_a_loaded_collection_no_longer_has_is_deleted_but_not_what_it_led_to(alice: Any) -> None:
    project_id = alice.save(project_with_dataset()).id.val
    [first] = links_of(alice, project_id)
    fetched = with_links(alice, project_id)
    fetched.clearDatasetLinks()
    more = omero.model.DatasetI()
    more.name = rstring("day two")
    fetched.linkDataset(more)

    alice.save(fetched)

    assert first not in links_of(alice, project_id)
    assert len(links_of(alice, project_id)) == 1
    assert alice.one(f"select d from Dataset d where d.id = {first}") is not None


def test_a_copy_from_before_the_link_takes_the_link_away(alice: Any) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("fresh")
    project = alice.save(project)
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(project.id.val, False)
    link.child = omero.model.DatasetI(alice.dataset().id.val, False)
    alice.save(link)

    alice.save(project)

    assert links_of(alice, project.id.val) == []


def test_bob_cannot_take_alices_tag_off_her_dataset(alice: Any, bob: Any) -> None:
    dataset = alice.dataset()
    link = omero.model.DatasetAnnotationLinkI()
    link.parent = omero.model.DatasetI(dataset.id.val, False)
    link.child = omero.model.TagAnnotationI()
    alice.save(link)
    query = f"select d from Dataset d left outer join fetch d.annotationLinks where d.id = {dataset.id.val}"
    bare = bob.one(query)
    bare.clearAnnotationLinks()

    with pytest.raises(omero.SecurityViolation, match="Deleting DatasetAnnotationLink"):
        bob.save(bare)

    assert alice.one(query).sizeOfAnnotationLinks() == 1


def test_a_channel_that_the_loaded_list_no_longer_has_is_deleted_with_its_tags(alice: Any) -> None:
    saved = alice.save(image_with_pixels())
    pixels_id = saved.getPrimaryPixels().id.val
    query = f"select p from Pixels p join fetch p.channels where p.id = {pixels_id}"
    pixels = alice.one(query)
    last = pixels.getChannel(pixels.sizeOfChannels() - 1)
    link = omero.model.ChannelAnnotationLinkI()
    link.parent = omero.model.ChannelI(last.id.val, False)
    link.child = omero.model.TagAnnotationI()
    alice.save(link)
    left = pixels.sizeOfChannels() - 1
    pixels.removeChannel(last)

    alice.save(pixels)

    assert alice.one(query).sizeOfChannels() == left
    assert alice.one(f"select l from ChannelAnnotationLink l where l.parent.id = {last.id.val}") is None


def test_nobody_saves_a_copy_of_what_they_cannot_see(site: Any, alice: Any) -> None:
    site.group("elsewhere", "rwrw--", "eve")
    dataset = alice.dataset()

    with site.client("eve") as eve, pytest.raises(omero.SecurityViolation, match="Cannot read"):
        eve.sf.getUpdateService().saveObject(dataset)


def test_channels_keep_their_order(alice: Any) -> None:
    saved = alice.save(image_with_pixels())

    pixels_id = saved.getPrimaryPixels().id.val
    pixels = alice.one(
        "select p from Pixels p left outer join fetch p.channels c left outer join fetch c.logicalChannel "
        f"where p.id = {pixels_id}"
    )
    assert [channel.logicalChannel.name.val for channel in pixels.copyChannels()] == ["red", "green", "blue"]


def test_elements_that_name_only_their_owner_go_to_the_end_of_its_list(alice: Any) -> None:
    image_id = alice.save(image_with_pixels()).id.val
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image_id, False)
    roi.addShape(omero.model.PointI())
    roi_id = alice.save(roi).id.val

    late = omero.model.LineI()
    late.roi = omero.model.RoiI(roi_id, False)
    alice.save(late)

    found = alice.one(f"select r from Roi r left outer join fetch r.shapes where r.id = {roi_id}")
    assert [type(shape).__name__ for shape in found.copyShapes()] == ["PointI", "LineI"]


def test_enumerations_are_found_by_value(alice: Any) -> None:
    saved = alice.save(image_with_pixels())

    found = alice.one(
        f"select p from Pixels p join fetch p.pixelsType where p.id = {saved.getPrimaryPixels().id.val}"
    )
    assert found.pixelsType.value.val == "uint8"
    assert saved.getPrimaryPixels().pixelsType.id.val == found.pixelsType.id.val


def test_an_unknown_enumeration_value_is_refused(alice: Any) -> None:
    image = image_with_pixels()
    image.getPrimaryPixels().pixelsType.value = rstring("uint7")

    with pytest.raises(omero.SecurityViolation):
        alice.save(image)


def test_values_keep_their_unit(alice: Any) -> None:
    image = image_with_pixels()
    image.getPrimaryPixels().physicalSizeX = omero.model.LengthI(250.0, UnitsLength.NANOMETER)

    pixels_id = alice.save(image).getPrimaryPixels().id.val

    size = alice.one(f"select p from Pixels p where p.id = {pixels_id}").physicalSizeX
    assert (size.getValue(), size.getUnit()) == (250.0, UnitsLength.NANOMETER)


def test_times_and_shapes_come_back_as_sent(alice: Any) -> None:
    image = image_with_pixels()
    image.acquisitionDate = rtime(1_700_000_000_123)
    image_id = alice.save(image).id.val
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image_id, False)
    ellipse = omero.model.EllipseI()
    ellipse.x, ellipse.y, ellipse.radiusX, ellipse.radiusY = (
        rdouble(value) for value in (1.5, 2.5, 3.25, 4.75)
    )
    ellipse.theZ = rint(0)
    roi.addShape(ellipse)
    alice.save(roi)

    found = alice.one(f"select s from Ellipse s where s.roi.image.id = {image_id}")
    assert (found.x.val, found.y.val, found.radiusX.val, found.radiusY.val) == (1.5, 2.5, 3.25, 4.75)
    assert (
        alice.one(f"select i from Image i where i.id = {image_id}").acquisitionDate.val == 1_700_000_000_123
    )


def test_maps_keep_order_and_repeated_names(alice: Any) -> None:
    annotation = omero.model.MapAnnotationI()
    annotation.mapValue = [
        omero.model.NamedValue(name, value) for name, value in (("b", "1"), ("a", "2"), ("b", "3"))
    ]
    annotation_id = alice.save(annotation).id.val

    found = alice.one(f"select a from MapAnnotation a where a.id = {annotation_id}")
    assert [(pair.name, pair.value) for pair in found.mapValue] == [("b", "1"), ("a", "2"), ("b", "3")]

    found.mapValue = [omero.model.NamedValue("b", "3")]
    alice.save(found)
    found = alice.one(f"select a from MapAnnotation a where a.id = {annotation_id}")
    assert [(pair.name, pair.value) for pair in found.mapValue] == [("b", "3")]


def test_one_save_is_one_event_and_logs_every_object(alice: Any) -> None:
    saved = alice.save(project_with_dataset())

    event = saved.details.creationEvent.id.val
    logs = alice.query.findAllByQuery(
        f"select l from EventLog l where l.event.id = {event} order by l.id", None
    )
    assert sorted((log.action.val, log.entityType.val) for log in logs) == [
        ("INSERT", "ome.model.containers.Dataset"),
        ("INSERT", "ome.model.containers.Project"),
        ("INSERT", "ome.model.containers.ProjectDatasetLink"),
    ]


def test_events_name_user_group_and_session(alice: Any, group: int) -> None:
    event_id = alice.dataset().details.creationEvent.id.val

    event = alice.one(f"select e from Event e join fetch e.type join fetch e.session where e.id = {event_id}")
    assert event.experimenter.id.val == alice.user_id
    assert event.experimenterGroup.id.val == group
    assert event.session.uuid.val == alice.client.getSessionId()
    assert event.type.value.val == "User"


def test_nothing_changes_when_one_of_many_is_wrong(alice: Any) -> None:
    good = omero.model.DatasetI()
    good.name = rstring("half a batch")

    with pytest.raises(omero.ValidationException):
        alice.update.saveArray([good, omero.model.DatasetI()])

    assert alice.one("select d from Dataset d where d.name = 'half a batch'") is None


def test_ids_come_back_in_the_order_of_the_objects(alice: Any) -> None:
    datasets = []
    for number in range(5):
        dataset = omero.model.DatasetI()
        dataset.name = rstring(f"batch {number}")
        datasets.append(dataset)

    ids = alice.update.saveAndReturnIds(datasets)

    names = [alice.one(f"select d from Dataset d where d.id = {dataset_id}").name.val for dataset_id in ids]
    assert names == [f"batch {number}" for number in range(5)]


def test_bob_cannot_change_alices_dataset_but_can_tag_it(alice: Any, bob: Any) -> None:
    dataset = alice.dataset()
    theirs = bob.one(f"select d from Dataset d where d.id = {dataset.id.val}")
    theirs.name = rstring("mine now")

    with pytest.raises(omero.SecurityViolation) as refused:
        bob.save(theirs)
    assert f"Updating Dataset:{dataset.id.val} not allowed" in refused.value.message

    link = omero.model.DatasetAnnotationLinkI()
    link.parent = omero.model.DatasetI(dataset.id.val, False)
    link.child = omero.model.TagAnnotationI()
    link.child.textValue = rstring("look")
    assert bob.save(link).details.owner.id.val == bob.user_id


def test_new_objects_in_a_call_over_all_groups_go_where_what_they_point_to_is(alice: Any, group: int) -> None:
    dataset = alice.dataset()
    link = omero.model.DatasetAnnotationLinkI()
    link.parent = omero.model.DatasetI(dataset.id.val, False)
    link.child = omero.model.CommentAnnotationI()

    saved = alice.update.saveAndReturnObject(link, {"omero.group": "-1"})

    assert saved.details.group.id.val == group
    assert saved.child.details.group.id.val == group


def test_a_new_object_in_a_call_over_all_groups_must_say_where_it_goes(alice: Any, group: int) -> None:
    everywhere = {"omero.group": "-1"}
    with pytest.raises(omero.ApiUsageException, match="has no group"):
        alice.update.saveObject(omero.model.TagAnnotationI(), everywhere)
    tag = omero.model.TagAnnotationI()
    tag.details.group = omero.model.ExperimenterGroupI(group, False)

    saved = alice.update.saveAndReturnObject(tag, everywhere)

    assert saved.details.group.id.val == group


def test_delete_object_takes_only_what_nothing_points_to(alice: Any) -> None:
    project = alice.save(project_with_dataset())

    with pytest.raises(omero.ValidationException) as refused:
        alice.update.deleteObject(project)
    assert "ProjectDatasetLink" in refused.value.message

    alice.update.deleteObject(project.copyDatasetLinks()[0])
    alice.update.deleteObject(omero.model.ProjectI(project.id.val, False))
    assert alice.one(f"select p from Project p where p.id = {project.id.val}") is None


def test_bob_cannot_delete_alices_dataset(alice: Any, bob: Any) -> None:
    dataset = alice.dataset()

    with pytest.raises(omero.SecurityViolation):
        bob.update.deleteObject(omero.model.DatasetI(dataset.id.val, False))


def test_index_object_is_for_administrators(alice: Any, root: Any) -> None:
    dataset = alice.dataset()

    with pytest.raises(omero.SecurityViolation):
        alice.update.indexObject(dataset)
    root.update.indexObject(dataset)


def test_the_event_of_a_save_brings_its_session(alice: Any) -> None:
    session = alice.dataset().details.updateEvent.session

    assert session.uuid.val == alice.client.getSessionId()
    assert session.sizeOfEvents() == -1


def test_the_gateway_saves_and_saves_again(site: Any, group: int) -> None:
    with site.gateway("alice") as conn:
        dataset = _wrapped_dataset(conn)
        dataset.setName("renamed")
        dataset.save()
        dataset.setDescription("and described")
        dataset.save()

        found = conn.getObject("Dataset", dataset.id)
        assert (found.getName(), found.getDescription()) == ("renamed", "and described")


def _wrapped_dataset(conn: BlitzGateway) -> Any:
    dataset = omero.model.DatasetI()
    dataset.name = rstring("from the gateway")
    return conn.getObject("Dataset", conn.getUpdateService().saveAndReturnObject(dataset).id.val)


def test_a_thousand_annotated_objects_are_saved_in_one_call(alice: Any) -> None:
    datasets = []
    for number in range(1000):
        dataset = omero.model.DatasetI()
        dataset.name = rstring(f"bulk {number}")
        annotation = omero.model.MapAnnotationI()
        annotation.mapValue = [omero.model.NamedValue("number", str(number))]
        dataset.linkAnnotation(annotation)
        datasets.append(dataset)

    ids = alice.update.saveAndReturnIds(datasets)

    assert len(set(ids)) == len(datasets)
    rows = alice.query.projection(
        "select count(l) from DatasetAnnotationLink l where l.parent.id in (:ids)",
        omero.sys.ParametersI().addIds(ids),
    )
    assert rows[0][0].val == len(datasets)


def test_an_object_of_another_group_cannot_be_saved_even_unchanged(site: Any, alice: Any) -> None:
    other = site.group("elsewhere", "rwra--", "alice")
    dataset = alice.dataset()
    alice.client.sf.getAdminService().getEventContext()

    with pytest.raises(omero.SecurityViolation, match=f"Cannot read .*Dataset:Id_{dataset.id.val}"):
        alice.update.saveObject(dataset, {"omero.group": str(other)})


def test_an_owner_sent_loaded_has_to_be_complete(alice: Any) -> None:
    dataset = alice.dataset()
    owner = omero.model.ExperimenterI(alice.user_id)
    owner.omeName = rstring("alice")
    dataset.details.owner = owner

    with pytest.raises(omero.ValidationException, match="Experimenter"):
        alice.save(dataset)

    dataset.details.owner = omero.model.ExperimenterI(alice.user_id, False)
    assert alice.save(dataset).id.val == dataset.id.val


def test_what_comes_back_unchanged_says_what_the_caller_may_do(alice: Any, bob: Any) -> None:
    tag = omero.model.TagAnnotationI()
    tag.textValue = rstring("alice's")
    tag = alice.save(tag)
    assert tag.details.permissions.canDelete()

    link = tag_on(bob.dataset(), tag)
    link.child = tag
    saved = bob.save(link)

    assert saved.details.permissions.canDelete()
    assert not saved.child.details.permissions.canDelete()
    assert saved.child.details.owner.omeName.val == "alice"
