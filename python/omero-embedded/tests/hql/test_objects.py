"""What arrives when objects are selected: what is loaded, what is not, in which order, and once each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest

from omero_embedded.graphs.load import fetch_tree, load_objects
from omero_embedded.hql.run import objects, rows

if TYPE_CHECKING:
    from conftest import World
    from omero_embedded.security.context import Call


def one(call: Call, text: str, **params: Any) -> Any:
    """The only object that a query selects."""
    (found,) = objects(call, text, params)
    return found


def names(found: list[Any]) -> list[str]:
    """Names of objects."""
    return [item.name.val for item in found]


def test_scalars_arrive_in_their_types(alice: Call, world: World) -> None:
    pixels = one(alice, "select p from Pixels p where p.id = :id", id=world["pixels b.tif"])
    assert pixels.sizeX.val == 10
    assert isinstance(pixels.sizeX, omero.RInt)
    assert (pixels.physicalSizeX.getValue(), pixels.physicalSizeX.getUnit().name) == (0.5, "MICROMETER")
    assert pixels.physicalSizeY is None
    assert pixels.version.val == 0


def test_lists_of_texts_arrive_as_such(world: World) -> None:
    world.add("Namespace", name="client", displayName="Client", keywords='["a", "b"]')
    namespace = one(world.call("alice"), "select n from Namespace n where n.name = 'client'")
    assert namespace.keywords == ["a", "b"]
    assert rows(world.call("alice"), "select n.keywords from Namespace n where n.name = 'client'") == [
        (["a", "b"],)
    ]


def test_what_was_not_fetched_is_not_loaded(alice: Call, world: World) -> None:
    pixels = one(alice, "select p from Pixels p where p.id = :id", id=world["pixels b.tif"])
    assert pixels.image.id.val == world["b.tif"]
    assert not pixels.image.loaded
    assert pixels.sizeOfChannels() == -1
    with pytest.raises(omero.UnloadedEntityException):
        pixels.copyChannels()


def test_enumerations_and_details_are_always_loaded(alice: Call, world: World) -> None:
    pixels = one(alice, "select p from Pixels p where p.id = :id", id=world["pixels b.tif"])
    assert pixels.pixelsType.value.val == "uint16"
    assert pixels.pixelsType.bitSize.val == 16
    details = pixels.details
    assert details.owner.omeName.val == "alice"
    assert details.group.name.val == "lab"
    assert details.creationEvent.time.val > 0
    assert details.updateEvent.type.value.val == "User"
    assert details.externalInfo is None


def test_a_fetched_collection_is_loaded_and_points_back(alice: Call, world: World) -> None:
    image = one(alice, "select i from Image i left join fetch i.pixels where i.id = :id", id=world["b.tif"])
    pixels = image.getPrimaryPixels()
    assert pixels.id.val == world["pixels b.tif"]
    assert pixels.image is image
    assert image.sizeOfDatasetLinks() == -1


def test_a_fetched_collection_without_elements_is_loaded_and_empty(alice: Call, world: World) -> None:
    image = one(alice, "select i from Image i left join fetch i.pixels where i.id = :id", id=world["d.tif"])
    assert image.sizeOfPixels() == 0


def test_lists_come_in_their_order(alice: Call, world: World) -> None:
    text = "select p from Pixels p join fetch p.channels c join fetch c.logicalChannel where p.id = :id"
    pixels = one(alice, text, id=world["pixels b.tif"])
    assert [channel.logicalChannel.name.val for channel in pixels.copyChannels()] == ["GFP", "DAPI"]


def test_a_chain_of_fetches_loads_every_level(alice: Call, world: World) -> None:
    text = (
        "select obj0 from Screen obj0 join fetch obj0.plateLinks obj1 join fetch obj1.child obj2 join fetch obj2.wells obj3 "
        "join fetch obj3.wellSamples obj4 join fetch obj4.image obj5 where obj0.id = :id"
    )
    screen = one(alice, text, id=world["screen"])
    plate = screen.copyPlateLinks()[0].child
    samples = [names([sample.image for sample in well.copyWellSamples()]) for well in plate.copyWells()]
    assert samples == [["w0f1", "w0f0"], ["w1f1", "w1f0"]]


def test_a_condition_on_a_fetched_collection_limits_what_is_in_it(alice: Call, world: World) -> None:
    text = "select w from Well w left join fetch w.wellSamples ws left join fetch ws.image i where i.id = :id"
    well = one(alice, text, id=world["w0f0"])
    assert names([sample.image for sample in well.copyWellSamples()]) == ["w0f0"]


def test_external_info_is_loaded_where_it_is_fetched(alice: Call, world: World) -> None:
    plain = one(alice, "select i from Image i where i.id = :id", id=world["orphan.tif"])
    assert not plain.details.externalInfo.loaded
    text = "select i from Image i left outer join fetch i.details.externalInfo join fetch i.details.owner as o where i.id = :id"
    fetched = one(alice, text, id=world["orphan.tif"])
    assert fetched.details.externalInfo.lsid.val == "urn:scan:7"


def test_annotations_come_in_their_own_classes_with_their_values(alice: Call, world: World) -> None:
    text = "select l from ImageAnnotationLink l join fetch l.child a left join fetch a.file where l.parent.id = :id order by a.id"
    links = objects(alice, text, {"id": world["b.tif"]})
    annotations = [link.child for link in links]
    assert [type(a).__name__ for a in annotations] == [
        "TagAnnotationI", "LongAnnotationI", "CommentAnnotationI", "MapAnnotationI", "FileAnnotationI",
    ]  # fmt: skip
    assert annotations[1].longValue.val == 4
    assert annotations[3].getMapValueAsMap() == {"gene": "TP53", "dose": "5"}
    assert [pair.name for pair in annotations[3].mapValue] == ["gene", "dose", "gene"]
    assert annotations[4].file.name.val == "notes.txt"
    assert not links[0].parent.loaded


def test_shapes_come_in_their_own_classes(alice: Call, world: World) -> None:
    roi = one(alice, "select r from Roi r left join fetch r.shapes where r.id = :id", id=world["roi"])
    point, rectangle = roi.copyShapes()
    assert isinstance(point, omero.model.PointI)
    assert isinstance(rectangle, omero.model.RectangleI)
    assert rectangle.width.val == 3.0


def test_the_same_object_is_one_object_in_an_answer(alice: Call, world: World) -> None:
    links = objects(
        alice,
        "select l from DatasetImageLink l join fetch l.parent where l.parent.id = :id",
        {"id": world["fixed"]},
    )
    assert len(links) == 3
    assert len({id(link.parent) for link in links}) == 1
    assert len({id(link.details.owner) for link in links}) == 1


def test_an_object_comes_once_however_many_rows_it_has(alice: Call, world: World) -> None:
    text = "select d from Dataset d join d.imageLinks l order by d.name"
    assert names(objects(alice, text)) == ["fixed", "live"]
    text = "select d from Dataset d left join fetch d.imageLinks l order by d.name"
    found = objects(alice, text)
    assert [dataset.sizeOfImageLinks() for dataset in found] == [0, 3, 1, 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "select distinct i from Image i where i.pixels is not empty order by lower(i.name)",
            ["A.tif", "b.tif", "c.tif"],
        ),
        (
            "select distinct d from Dataset d join d.imageLinks l order by lower(d.name) desc",
            ["live", "fixed"],
        ),
        (
            "select distinct d from Dataset d join d.imageLinks l order by l.child.name desc",
            ["live", "fixed"],
        ),
        ("select d from Dataset d join d.imageLinks l group by d having count(l) > 1", ["fixed"]),
        ("select d from Dataset d left join d.imageLinks l group by d.id having count(*) = 3", ["fixed"]),
    ],
)
@pytest.mark.parametrize("limit", [None, 5])
def test_distinct_and_grouped_objects(alice: Call, text: str, expected: list[str], limit: int | None) -> None:
    assert names(objects(alice, text, limit=limit)) == expected


def test_a_joined_class_can_be_selected(alice: Call, world: World) -> None:
    text = "select p from Image i join i.datasetLinks dl join dl.parent ds join ds.projectLinks pl join pl.parent p where i.id = :id"
    assert one(alice, text, id=world["b.tif"]).name.val == "Mitosis"
    text = "select ws.image from WellSample ws where ws.well.id = :id order by well_index"
    assert names(objects(alice, text, {"id": world["well 0"]})) == ["w0f1", "w0f0"]


def test_rows_can_hold_objects_beside_values(alice: Call, world: World) -> None:
    found = rows(alice, "select p, p.sizeX, t.value from Pixels p join p.pixelsType t order by p.sizeX")
    pixels, size, kind = found[0]
    assert (pixels.id.val, size, kind) == (world["pixels b.tif"], 10, "uint16")


ORDERED = "from Image i join i.datasetLinks l join l.parent d where d.name = 'fixed' order by lower(i.name)"


@pytest.mark.parametrize(
    ("text", "limit", "offset", "expected"),
    [
        (f"select i {ORDERED}", 2, 0, ["A.tif", "b.tif"]),
        (f"select i {ORDERED}", 2, 2, ["c.tif"]),
        (f"select i {ORDERED}", None, 1, ["b.tif", "c.tif"]),
        ("select d from Dataset d left join fetch d.imageLinks l order by d.name", 2, 1, ["fixed", "live"]),
        ("select d from Dataset d left join fetch d.imageLinks l order by d.name desc", 1, 0, ["orphan dataset"]),
        ("select d from Dataset d join d.imageLinks l order by l.child.name", 1, 0, ["fixed"]),
        ("select d from Dataset d join d.imageLinks l order by l.child.name desc", 1, 1, ["fixed"]),
        ("select d from Dataset d left join fetch d.imageLinks l left join l.child i order by i.name desc", 2, 2, ["live", "fixed"]),
    ],
)  # fmt: skip
def test_pages_count_objects_not_rows(
    alice: Call, text: str, limit: int | None, offset: int, expected: list[str]
) -> None:
    assert names(objects(alice, text, limit=limit, offset=offset)) == expected


def test_a_page_of_fetched_objects_has_their_whole_collections(alice: Call) -> None:
    text = "select d from Dataset d left join fetch d.imageLinks l order by d.name"
    (fixed,) = objects(alice, text, limit=1, offset=1)
    assert fixed.sizeOfImageLinks() == 3


def test_a_tree_of_names_loads_a_graph(alice: Call, world: World) -> None:
    tree = fetch_tree("pixels.channels.logicalChannel", "datasetLinks.parent", "annotationLinks.child.file")
    with alice.db.read() as connection:
        found = load_objects(connection, alice, "Image", [world["b.tif"], world["A.tif"], 10**9], tree)
    assert list(found) == [world["b.tif"], world["A.tif"]]
    image = found[world["b.tif"]]
    assert [channel.logicalChannel.name.val for channel in image.getPrimaryPixels().copyChannels()] == [
        "GFP",
        "DAPI",
    ]
    assert image.copyDatasetLinks()[0].parent.name.val == "fixed"
    files = [
        link.child.file
        for link in image.copyAnnotationLinks()
        if isinstance(link.child, omero.model.FileAnnotationI)
    ]
    assert names(files) == ["notes.txt"]
    assert found[world["A.tif"]].copyDatasetLinks()[0].parent is image.copyDatasetLinks()[0].parent


def test_a_misspelt_name_in_a_tree_is_refused(alice: Call, world: World) -> None:
    with alice.db.read() as connection, pytest.raises(ValueError, match="Image has no field pixel to fetch"):
        load_objects(connection, alice, "Image", [world["b.tif"]], fetch_tree("pixel"))
