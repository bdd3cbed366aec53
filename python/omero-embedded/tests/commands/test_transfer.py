"""Moving data between groups, giving it to others, and narrowing a group's permissions."""

from __future__ import annotations

from typing import Any

import omero
import omero.all
import omero.cmd
import pytest


def short(objects: dict[str, list[int]]) -> dict[str, list[int]]:
    return {name.rpartition(".")[2]: ids for name, ids in objects.items()}


def move(world: Any, who: str, group: int, *, dry_run: bool = False, **targets: int) -> Any:
    wanted = {name: [object_id] for name, object_id in targets.items()}
    return world.run(who, omero.cmd.Chgrp2(targetObjects=wanted, groupId=group, dryRun=dry_run))


def give(world: Any, who: str, to: str, *, dry_run: bool = False, **targets: int) -> Any:
    wanted = {name: [object_id] for name, object_id in targets.items()}
    return world.run(
        who, omero.cmd.Chown2(targetObjects=wanted, userId=world.site.user_id(to), dryRun=dry_run)
    )


def test_a_dataset_moves_with_its_images_and_leaves_its_project(world: Any) -> None:
    project, dataset = world.container("Project"), world.container("Dataset")
    world.link("ProjectDataset", project, dataset)
    image = world.image(dataset)

    response = move(world, "alice", world.private, Dataset=dataset)

    assert world.group_of("Image", image) == world.private
    assert world.group_of("Pixels", short(response.includedObjects)["Pixels"][0]) == world.private
    assert world.group_of("Project", project) == world.lab
    assert short(response.deletedObjects).keys() == {"ProjectDatasetLink"}


def test_images_that_are_also_elsewhere_stay(world: Any) -> None:
    dataset, other = world.container("Dataset"), world.container("Dataset")
    image = world.image(dataset)
    world.link("DatasetImage", other, image)

    move(world, "alice", world.private, Dataset=dataset)

    assert world.group_of("Dataset", dataset) == world.private
    assert world.group_of("Image", image) == world.lab


def test_a_dry_run_moves_nothing(world: Any) -> None:
    image = world.image()

    response = move(world, "alice", world.private, dry_run=True, Image=image)

    assert short(response.includedObjects)["Image"] == [image]
    assert world.group_of("Image", image) == world.lab


def test_own_tags_move_along_and_others_annotations_do_not(world: Any) -> None:
    image = world.image()
    mine, theirs = world.annotate(image, world.tag()), world.annotate(image, world.tag(), who="bob")

    response = move(world, "alice", world.private, Image=image)

    assert world.group_of("Annotation", mine) == world.private
    assert world.group_of("Annotation", theirs) == world.lab
    assert len(short(response.deletedObjects)["ImageAnnotationLink"]) == 1


def test_a_tag_on_data_that_its_owner_may_not_delete_does_not_move(world: Any) -> None:
    tag = world.annotate(world.image(who="bob"), world.tag(), who="alice")

    refused = move(world, "alice", world.private, Annotation=tag)

    assert f"may not move TagAnnotation[{tag}] while used by Image" in refused.message
    assert world.group_of("Annotation", tag) == world.lab


@pytest.mark.parametrize(
    ("source", "target", "moves"),
    [("lab", "shared", False), ("shared", "lab", True), ("shared", "private", False)],
)
def test_bobs_comment_moves_with_alices_image_if_she_may_delete_it_and_is_deleted_otherwise(
    world: Any, source: str, target: str, moves: bool
) -> None:
    image = world.image(group=getattr(world, source))
    comment = world.annotate(image, world.comment(), who="bob", group=getattr(world, source))

    response = move(world, "alice", getattr(world, target), Image=image)

    assert world.exists("Annotation", comment) == moves
    assert ("CommentAnnotation" in short(response.includedObjects)) == moves
    assert ("CommentAnnotation" in short(response.deletedObjects)) != moves


@pytest.mark.parametrize(("privileges", "moves"), [(("Chgrp",), False), (("Chgrp", "DeleteOwned"), True)])
def test_an_administrator_moves_comments_of_others_along_only_where_she_may_delete_them(
    world: Any, privileges: tuple[str, ...], moves: bool
) -> None:
    name = f"carol-{len(privileges)}"
    world.site.administrator(name, *privileges)
    image = world.image()
    comment = world.annotate(image, world.comment(), who="bob")
    own = world.annotate(image, world.comment())

    with world.site.client(name) as carol:
        request = omero.cmd.Chgrp2(targetObjects={"Image": [image]}, groupId=world.shared)
        callback = carol.submit(request, loops=200, ms=50, failonerror=False)
        assert isinstance(callback.getResponse(), omero.cmd.Chgrp2Response)
        callback.close(True)

    assert world.group_of("Image", image) == world.group_of("Annotation", own) == world.shared
    assert world.exists("Annotation", comment) == moves


def test_only_the_owner_moves_data(world: Any) -> None:
    image = world.image()

    refused = move(world, "bob", world.shared, Image=image)

    assert isinstance(refused, omero.cmd.GraphException)
    assert refused.message == f"does not own Image[{image}]"


def test_nobody_moves_data_into_a_group_of_which_they_are_no_member(world: Any) -> None:
    image = world.image(who="dora")

    refused = move(world, "dora", world.private, Image=image)

    assert refused.parameters["message"] == "not a member of the chgrp destination group"


def test_an_administrator_moves_other_peoples_data(world: Any) -> None:
    image = world.image()

    move(world, "root", world.private, Image=image)

    assert world.group_of("Image", image) == world.private
    assert world.owner_of("Image", image) == world.site.user_id("alice")


@pytest.fixture
def bobs_image(world: Any) -> tuple[int, int]:
    """Alice's dataset and bob's image in it, in a group where they may only annotate each other's data."""
    dataset, image = world.container("Dataset"), world.image(who="bob")
    world.link("DatasetImage", dataset, image, who="dora")
    return dataset, image


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_dataset_that_alone_holds_an_image_that_alice_may_not_move_does_not_move(
    world: Any, bobs_image: tuple[int, int], dry_run: bool
) -> None:
    dataset, image = bobs_image

    refused = move(world, "alice", world.shared, dry_run=dry_run, Dataset=dataset)

    assert f"may not move Image[{image}]" in refused.message
    assert world.group_of("Dataset", dataset) == world.lab


def test_an_image_that_alice_may_not_move_stays_where_another_dataset_holds_it(
    world: Any, bobs_image: tuple[int, int]
) -> None:
    dataset, image = bobs_image
    world.link("DatasetImage", world.container("Dataset", who="bob"), image, who="bob")

    move(world, "alice", world.shared, Dataset=dataset)

    assert world.group_of("Dataset", dataset) == world.shared
    assert world.group_of("Image", image) == world.lab


def test_images_of_others_stay_behind_when_their_dataset_becomes_private(
    world: Any, bobs_image: tuple[int, int]
) -> None:
    dataset, image = bobs_image

    move(world, "alice", world.private, Dataset=dataset)

    assert world.group_of("Dataset", dataset) == world.private
    assert world.group_of("Image", image) == world.lab


def test_an_image_of_bobs_that_alice_may_delete_moves_with_her_dataset(world: Any) -> None:
    dataset = world.container("Dataset", group=world.shared)
    image = world.image(dataset, who="bob", group=world.shared)

    move(world, "alice", world.lab, Dataset=dataset)

    assert world.group_of("Image", image) == world.lab
    assert world.owner_of("Image", image) == world.site.user_id("bob")


def test_part_of_a_fileset_cannot_move(world: Any) -> None:
    fileset = world.container("Fileset")
    first = world.image(fileset=fileset)
    world.image(fileset=fileset)

    refused = move(world, "alice", world.private, Image=first)

    assert "may not move" in refused.message
    assert world.group_of("Image", first) == world.lab


def test_the_group_owner_gives_a_dataset_and_its_images_to_bob(world: Any) -> None:
    dataset = world.container("Dataset")
    image = world.image(dataset)

    response = give(world, "dora", "bob", Dataset=dataset)

    assert world.owner_of("Image", image) == world.site.user_id("bob")
    assert {"Image", "Pixels", "DatasetImageLink"} <= short(response.includedObjects).keys()


def test_other_peoples_images_in_the_dataset_stay_theirs(world: Any) -> None:
    dataset = world.container("Dataset", group=world.shared)
    image = world.image(dataset, who="bob", group=world.shared)

    give(world, "dora", "dora", Dataset=dataset)

    assert world.owner_of("Dataset", dataset) == world.site.user_id("dora")
    assert world.owner_of("Image", image) == world.site.user_id("bob")


def test_alice_cannot_give_her_data_away(world: Any) -> None:
    image = world.image()

    refused = give(world, "alice", "bob", Image=image)

    assert isinstance(refused, omero.cmd.GraphException)


def test_a_group_owner_gives_only_to_members_of_the_group(world: Any) -> None:
    world.site.group("elsewhere", "rwr---", "eve")
    image = world.image()

    refused = give(world, "dora", "eve", Image=image)

    assert "not a member of group" in refused.message
    assert world.owner_of("Image", image) == world.site.user_id("alice")


def test_all_data_of_a_user_can_be_given_at_once(world: Any) -> None:
    frank_group = world.site.group("franks", "rwra--", "frank", "grace")
    with world.site.client("frank") as frank:
        dataset = omero.model.DatasetI()
        dataset.name = omero.rtypes.rstring("frank's")
        dataset_id = frank.sf.getUpdateService().saveAndReturnObject(dataset).id.val
    assert world.group_of("Dataset", dataset_id) == frank_group

    frank_id, grace_id = world.site.user_id("frank"), world.site.user_id("grace")
    world.run("root", omero.cmd.Chown2(targetUsers=[frank_id], userId=grace_id))

    assert world.owner_of("Dataset", dataset_id) == grace_id


def test_a_group_that_becomes_private_loses_links_between_its_members(world: Any) -> None:
    group = world.site.group("narrowing", "rwra--", "alice", "bob", owners=("dora",))
    image = world.image(group=group)
    comment = world.annotate(image, world.comment(), who="bob", group=group)
    own = world.annotate(image, world.comment(), group=group)
    request = omero.cmd.Chmod2(
        targetObjects={"ExperimenterGroup": [group]}, permissions="rw----", dryRun=True
    )

    planned = world.run("root", request)
    assert world.exists("Annotation", comment)

    request.dryRun = False
    response = world.run("root", request)

    assert short(response.deletedObjects) == short(planned.deletedObjects)
    assert not world.exists("Annotation", comment)
    assert world.exists("Annotation", own)
    assert str(world.sessions["root"].sf.getAdminService().getGroup(group).details.permissions) == "rw----"


def test_members_cannot_change_permissions(world: Any) -> None:
    request = omero.cmd.Chmod2(targetObjects={"ExperimenterGroup": [world.lab]}, permissions="rwrw--")

    refused = world.run("alice", request)

    assert isinstance(refused, omero.cmd.GraphException)


def test_nonsense_permissions_are_refused_with_an_example(world: Any) -> None:
    request = omero.cmd.Chmod2(targetObjects={"ExperimenterGroup": [world.lab]}, permissions="everything")

    assert "rwra--" in world.run("root", request).parameters["message"]
