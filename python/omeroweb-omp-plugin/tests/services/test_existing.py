"""What is read of images before anything is planned, with the same few queries however many there are."""

from __future__ import annotations

import omero.model
from omero.rtypes import rstring

from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE
from omeroweb_omp_plugin.services.existing import annotations_of
from omeroweb_omp_plugin.services.sources import Target, find_images

from ..helpers import annotate, dataset_with_images

OTHER = "example.org/other"


def tag(conn, image_id):
    link = omero.model.ImageAnnotationLinkI()
    link.parent = omero.model.ImageI(image_id, False)
    link.child = omero.model.TagAnnotationI()
    link.child.textValue = rstring("seen")
    conn.getUpdateService().saveObject(link)


def test_only_map_annotations_of_the_namespace_are_found(alice):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif", "c.tif"])
    tag(alice, ids[0])
    first = annotate(alice, ids[0], [("Dose", "5"), ("Day", "")], description="noted by hand")
    other = annotate(alice, ids[0], [("Dose", "7")], OTHER)
    second = annotate(alice, ids[1], [], OTHER)
    me = alice.getUserId()
    everything = annotations_of(alice, "Image", ids, me)
    assert {number: [entry.id for entry in found] for number, found in everything.items()} == {
        ids[0]: [first, other],
        ids[1]: [second],
    }
    entry = everything[ids[0]][0]
    assert (entry.pairs, entry.description, entry.owner) == (
        (("Dose", "5"), ("Day", "")),
        "noted by hand",
        me,
    )
    assert (entry.namespace, entry.links) == (CLIENT_NAMESPACE, 1)
    assert everything[ids[1]][0].pairs == ()
    ours = annotations_of(alice, "Image", ids, me, namespace=CLIENT_NAMESPACE)
    assert {number: [entry.id for entry in found] for number, found in ours.items()} == {ids[0]: [first]}


def test_an_annotation_that_images_share_is_found_on_each_once(alice, bob):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    shared = annotate(alice, ids[0], [("Dose", "5")])
    for conn, image in ((alice, ids[1]), (bob, ids[0])):
        link = omero.model.ImageAnnotationLinkI()
        link.parent = omero.model.ImageI(image, False)
        link.child = omero.model.MapAnnotationI(shared, False)
        conn.getUpdateService().saveObject(link)
    found = annotations_of(alice, "Image", ids, alice.getUserId())
    assert [[entry.id for entry in found[number]] for number in ids] == [[shared], [shared]]
    assert found[ids[0]][0].links == 3


def test_images_of_one_person_and_of_several_come_with_their_owners(alice, bob):
    box, ids = dataset_with_images(alice, ["a.tif", "b.tif"], "hers")
    _, his = dataset_with_images(bob, ["c.tif"], "his")
    alone = find_images(alice, [Target(type="Dataset", id=box)], most=10)
    assert [(source.id, source.owner_id, source.container) for source in alone] == [
        (number, alice.getUserId(), "hers") for number in ids
    ]
    both = find_images(alice, [Target(type="Image", id=number) for number in (*ids, *his)], most=10)
    assert {(source.id, source.owner_id) for source in both} == {
        *((number, alice.getUserId()) for number in ids),
        (his[0], bob.getUserId()),
    }
    assert len({source.group_id for source in both}) == 1
    assert both[0].group_id == alone[0].group_id > 0
