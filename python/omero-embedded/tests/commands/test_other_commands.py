"""Looking at the graph, copying it, running several requests, counting bytes, and typed refusals."""

from __future__ import annotations

from typing import Any

import Ice
import numpy as np
import omero
import omero.all
import omero.api
import omero.cmd
import pytest
from omero.rtypes import rlong


def short(objects: dict[str, list[int]]) -> dict[str, list[int]]:
    return {name.rpartition(".")[2]: ids for name, ids in objects.items()}


@pytest.fixture
def tree(world: Any) -> tuple[int, int, int]:
    """A project with a dataset with an image."""
    project, dataset = world.container("Project"), world.container("Dataset")
    world.link("ProjectDataset", project, dataset)
    return project, dataset, world.image(dataset)


def test_parents_are_found_however_far_up(world: Any, tree: tuple[int, int, int]) -> None:
    project, dataset, image = tree
    request = omero.cmd.FindParents(targetObjects={"Image": [image]}, typesOfParents=["Project", "Dataset"])

    assert short(world.run("alice", request).parents) == {"Project": [project], "Dataset": [dataset]}


def test_the_search_stops_where_it_is_told(world: Any, tree: tuple[int, int, int]) -> None:
    request = omero.cmd.FindChildren(
        targetObjects={"Project": [tree[0]]}, typesOfChildren=["Image"], stopBefore=["Dataset"]
    )

    assert world.run("alice", request).children == {}


def test_children_are_found_however_far_down(world: Any, tree: tuple[int, int, int]) -> None:
    request = omero.cmd.FindChildren(
        targetObjects={"Project": [tree[0]]}, typesOfChildren=["Image", "Pixels"]
    )

    found = short(world.run("alice", request).children)

    assert found["Image"] == [tree[2]]
    assert len(found["Pixels"]) == 1


def test_nobody_finds_what_they_cannot_see(world: Any) -> None:
    dataset = world.container("Dataset", group=world.private)
    world.image(dataset, group=world.private)
    request = omero.cmd.FindChildren(targetObjects={"Dataset": [dataset]}, typesOfChildren=["Image"])

    assert isinstance(world.run("bob", request), omero.cmd.GraphException)


def test_legal_targets_are_full_names(world: Any) -> None:
    response = world.run("alice", omero.cmd.LegalGraphTargets(request=omero.cmd.Chgrp2()))

    assert "ome.model.containers.Dataset" in response.targets
    assert "ome.model.meta.Experimenter" not in response.targets


def test_a_head_can_be_skipped(world: Any, tree: tuple[int, int, int]) -> None:
    request = omero.cmd.SkipHead(
        targetObjects={"Project": [tree[0]]}, startFrom=["Image"], request=omero.cmd.Delete2()
    )

    deleted = short(world.run("alice", request).deletedObjects)

    assert deleted["Image"] == [tree[2]]
    assert world.exists("Dataset", tree[1])


def settings_of(world: Any, image: int) -> list[int]:
    query = f"select r.id from RenderingDef r where r.pixels.image.id = {image}"
    rows = world.sessions["root"].sf.getQueryService().projection(query, None, {"omero.group": "-1"})
    return [row[0].val for row in rows]


def display(world: Any, who: str, image: int) -> None:
    service = world.sessions[who].sf.getRenderingSettingsService()
    service.setOriginalSettingsInImage(image, {"omero.group": str(world.lab)})


def test_alice_takes_bobs_settings_off_her_image_though_not_by_themselves(world: Any) -> None:
    image = world.image()
    display(world, "bob", image)
    (settings,) = settings_of(world, image)

    alone = world.delete("alice", RenderingDef=settings)
    assert isinstance(alone, omero.cmd.GraphException)
    request = omero.cmd.SkipHead(
        targetObjects={"Image": [image]}, startFrom=["RenderingDef"], request=omero.cmd.Delete2()
    )
    deleted = short(world.run("alice", request).deletedObjects)

    assert deleted["RenderingDef"] == [settings]
    assert settings_of(world, image) == []
    assert world.exists("Image", image)


def test_bob_cannot_take_settings_off_alices_image(world: Any) -> None:
    image = world.image()
    display(world, "bob", image)
    display(world, "root", image)
    assert len(settings_of(world, image)) == 2
    request = omero.cmd.SkipHead(
        targetObjects={"Image": [image]}, startFrom=["RenderingDef"], request=omero.cmd.Delete2()
    )

    assert isinstance(world.run("bob", request), omero.cmd.GraphException)
    assert len(settings_of(world, image)) == 2


def test_skipping_the_head_of_a_dry_run_deletes_nothing(world: Any, tree: tuple[int, int, int]) -> None:
    request = omero.cmd.SkipHead(
        targetObjects={"Project": [tree[0]]}, startFrom=["Image"], request=omero.cmd.Delete2(), dryRun=True
    )

    world.run("alice", request)

    assert world.exists("Image", tree[2])


def test_several_requests_run_in_order(world: Any) -> None:
    images = [world.image(), world.image()]
    requests = [omero.cmd.Delete2(targetObjects={"Image": [image]}) for image in images]

    response = world.run("alice", omero.cmd.DoAll(requests))

    assert [short(single.deletedObjects)["Image"] for single in response.responses] == [
        [image] for image in images
    ]


def test_several_requests_end_with_the_first_that_fails(world: Any) -> None:
    image = world.image()
    requests = [
        omero.cmd.Delete2(targetObjects={"Image": [10**6]}),
        omero.cmd.Delete2(targetObjects={"Image": [image]}),
    ]

    assert isinstance(world.run("alice", omero.cmd.DoAll(requests)), omero.cmd.GraphException)
    assert world.exists("Image", image)


def test_a_link_is_saved_in_the_group_that_its_ends_were_moved_to(world: Any) -> None:
    dataset, project = world.container("Dataset"), world.container("Project", group=world.shared)
    link = omero.model.ProjectDatasetLinkI()
    link.parent, link.child = omero.model.ProjectI(project, False), omero.model.DatasetI(dataset, False)
    move = omero.cmd.Chgrp2(targetObjects={"Dataset": [dataset]}, groupId=world.shared)
    requests = omero.cmd.DoAll([move, omero.api.Save(link)])

    sessions = world.sessions["alice"]
    callback = sessions.submit(requests, loops=400, ms=50, ctx={"omero.group": str(world.shared)})
    _, saved = callback.getResponse().responses
    callback.close(True)

    assert (saved.obj.parent.id.val, saved.obj.child.name.val) == (project, "box")
    assert world.group_of("ProjectDatasetLink", saved.obj.id.val) == world.shared


def test_a_save_that_is_not_allowed_says_why(world: Any) -> None:
    response = world.run("alice", omero.api.Save(omero.model.DatasetI()))

    assert isinstance(response, omero.cmd.ERR)
    assert "name" in response.parameters["message"]


def move_into(world: Any, image: int, dataset: int) -> Any:
    link = omero.model.DatasetImageLinkI()
    link.parent, link.child = omero.model.DatasetI(dataset, False), omero.model.ImageI(image, False)
    moved = omero.cmd.Chgrp2(targetObjects={"Image": [image]}, groupId=world.private)
    here = {"omero.group": str(world.private)}
    return world.run("alice", omero.cmd.DoAll([moved, omero.api.Save(link)], [{}, here]))


def test_an_image_moves_into_a_dataset_of_the_other_group_in_one_go(world: Any) -> None:
    image, dataset = world.image(), world.container("Dataset", group=world.private)

    response = move_into(world, image, dataset)

    link = response.responses[1].obj
    assert world.group_of("Image", image) == world.private
    assert link.details.group.id.val == world.private
    assert world.exists("DatasetImageLink", link.id.val)


def test_an_image_stays_where_the_dataset_to_move_it_into_is_not_there(world: Any) -> None:
    image = world.image()

    refused = move_into(world, image, world.container("Dataset"))

    assert refused.name == "failed"
    assert "GroupSecurityViolation" in refused.parameters["message"]
    assert world.group_of("Image", image) == world.lab


def test_what_was_deleted_is_back_when_a_later_request_fails(world: Any) -> None:
    image = world.image()
    requests = [
        omero.cmd.Delete2(targetObjects={"Image": [image]}),
        omero.cmd.Chgrp2(targetObjects={"Image": [image]}, groupId=10**6),
    ]

    assert isinstance(world.run("alice", omero.cmd.DoAll(requests)), omero.cmd.ERR)
    assert world.exists("Image", image)


def test_a_closed_handle_is_gone(world: Any) -> None:
    handle = world.sessions["alice"].sf.submit(omero.cmd.Delete2(targetObjects={"Image": [world.image()]}))

    handle.close()

    for attempt in (handle.getResponse, handle.ice_ping, lambda: omero.cmd.HandlePrx.checkedCast(handle)):
        with pytest.raises(Ice.ObjectNotExistException):
            attempt()


def test_a_copy_has_its_own_pixels_and_annotations(world: Any) -> None:
    with world.site.gateway("alice", group="lab") as conn:
        plane = np.arange(12, dtype="uint8").reshape(3, 4)
        original = conn.createImageFromNumpySeq(iter([plane]), "original")
        world.annotate(original.id, world.tag("copied"))
        request = omero.cmd.Duplicate(targetObjects={"Image": [original.id]})

        copies = short(world.run("alice", request).duplicates)

        copy = conn.getObject("Image", copies["Image"][0])
        assert np.array_equal(copy.getPrimaryPixels().getPlane(), plane)
        assert [annotation.getValue() for annotation in copy.listAnnotations()] == ["copied"]
        world.delete("alice", Image=original.id)
        assert np.array_equal(conn.getObject("Image", copy.id).getPrimaryPixels().getPlane(), plane)


def test_a_copy_can_refer_to_the_same_tag(world: Any) -> None:
    image = world.image()
    tag = world.annotate(image, world.tag())
    request = omero.cmd.Duplicate(targetObjects={"Image": [image]}, typesToReference=["TagAnnotation"])

    copies = short(world.run("alice", request).duplicates)

    query = f"select l.child.id from ImageAnnotationLink l where l.parent.id = {copies['Image'][0]}"
    found = world.sessions["alice"].sf.getQueryService().projection(query, None, {"omero.group": "-1"})
    assert [row[0].val for row in found] == [tag]


def test_bob_owns_his_copy_of_alices_image(world: Any) -> None:
    image = world.image()

    copies = short(world.run("bob", omero.cmd.Duplicate(targetObjects={"Image": [image]})).duplicates)

    assert world.owner_of("Image", copies["Image"][0]) == world.site.user_id("bob")
    assert world.owner_of("Image", image) == world.site.user_id("alice")


def test_disk_usage_counts_pixels_once_for_their_owner_and_group(world: Any) -> None:
    with world.site.gateway("alice", group="lab") as conn:
        image = conn.createImageFromNumpySeq(iter([np.zeros((50, 60), dtype="uint16")]), "counted")
        dataset = world.container("Dataset")
        world.link("DatasetImage", dataset, image.id)

        response = world.run(
            "alice", omero.cmd.DiskUsage2(targetObjects={"Dataset": [dataset], "Image": [image.id]})
        )

    who = omero.api.LongPair(world.site.user_id("alice"), world.lab)
    assert response.totalBytesUsed == {who: 6000}
    assert response.bytesUsedByReferer == {who: {"Pixels": 6000}}


def test_administrators_see_who_is_logged_in_and_others_only_that(world: Any) -> None:
    for_root = world.run("root", omero.cmd.CurrentSessionsRequest())
    for_bob = world.run("bob", omero.cmd.CurrentSessionsRequest())

    assert {context.userName for context in for_root.contexts} >= {"alice", "bob", "dora", "root"}
    assert all(session is not None for session in for_root.sessions)
    seen = {
        context.userName: session for context, session in zip(for_bob.contexts, for_bob.sessions, strict=True)
    }
    assert seen["bob"] is not None
    assert seen["alice"] is None


def test_only_administrators_lengthen_a_session(world: Any) -> None:
    request = omero.cmd.UpdateSessionTimeoutRequest(
        session=world.sessions["bob"].getSessionId(), timeToIdle=rlong(10**9)
    )

    assert isinstance(world.run("bob", request), omero.cmd.ERR)
    assert isinstance(world.run("root", request), omero.cmd.OK)


@pytest.mark.parametrize("request_name", ["ResetPasswordRequest", "SendEmailRequest"])
def test_what_needs_mail_is_refused_with_the_reason(world: Any, request_name: str) -> None:
    refused = world.run("root", getattr(omero.cmd, request_name)())

    assert refused.name == "not-supported"
    assert "mail" in refused.parameters["message"]


def test_images_that_were_not_imported_have_no_original_metadata(world: Any) -> None:
    response = world.run("alice", omero.cmd.OriginalMetadataRequest(imageId=world.image()))

    assert (response.globalMetadata, response.seriesMetadata) == ({}, {})


def test_unknown_requests_name_what_is_missing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(world.site.server._commands, "omero.cmd.ListRequests")

    refused = world.run("alice", omero.cmd.ListRequests())

    assert "ListRequests" in refused.parameters["message"]


def test_a_link_is_saved_together_with_the_move_that_allows_it(world: Any) -> None:
    dataset = world.container("Dataset")
    project = world.container("Project", group=world.shared)
    link = omero.model.ProjectDatasetLinkI()
    link.parent, link.child = omero.model.ProjectI(project, False), omero.model.DatasetI(dataset, False)
    move = omero.cmd.Chgrp2(targetObjects={"Dataset": [dataset]}, groupId=world.shared)
    context = {"omero.group": str(world.shared)}

    response = world.run("alice", omero.cmd.DoAll([move, omero.api.Save(link)], [context, context]))

    saved = response.responses[1].obj
    assert world.exists("ProjectDatasetLink", saved.id.val)
    assert world.group_of("Dataset", dataset) == world.shared


def test_what_cannot_be_saved_ends_in_an_error(world: Any) -> None:
    assert isinstance(world.run("alice", omero.api.Save(omero.model.DatasetI())), omero.cmd.ERR)
    assert world.run("alice", omero.api.Save()).name == "bad-request"
