"""IQuery as clients call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import rint, rlong, rstring, unwrap

from omero_embedded.security.directory import SYSTEM_GROUP
from omero_embedded.services.query import QueryService
from omero_embedded.services.update import UpdateService

if TYPE_CHECKING:
    from conftest import World
    from omero_embedded.security.context import Call


@pytest.fixture(scope="module")
def service(world: World) -> QueryService:
    """The service on the filled store."""
    return QueryService(world.server)


def page(limit: int, offset: int = 0) -> Any:
    """omero.sys.Filter."""
    made = omero.sys.Filter()
    made.limit, made.offset = rint(limit), rint(offset)
    return made


def names(found: list[Any]) -> list[str]:
    """Names of objects."""
    return [item.name.val for item in found]


@pytest.mark.parametrize(
    "klass", ["Image", "ImageI", "omero.model.Image", "ome.model.core.Image", "::omero::model::Image"]
)
def test_get_takes_every_spelling_of_a_class(
    service: QueryService, alice: Call, world: World, klass: str
) -> None:
    assert service.get(alice, klass, world["b.tif"]).name.val == "b.tif"


def test_get_of_a_base_class_gives_the_subclass(service: QueryService, alice: Call, world: World) -> None:
    assert isinstance(service.get(alice, "Annotation", world["tag"]), omero.model.TagAnnotationI)
    assert service.find(alice, "FileAnnotation", world["tag"]) is None


def test_get_raises_where_there_is_nothing_and_find_gives_none(service: QueryService, alice: Call) -> None:
    assert service.find(alice, "Image", 10**9) is None
    with pytest.raises(omero.ValidationException, match="Image,1000000000"):
        service.get(alice, "Image", 10**9)
    with pytest.raises(omero.ApiUsageException, match="did you mean Image"):
        service.get(alice, "Imag", 1)


def test_get_refuses_what_the_caller_may_not_see(service: QueryService, world: World) -> None:
    for call in (world.call("bob", -1), world.call("alice", "lab")):
        with pytest.raises(omero.SecurityViolation, match="Cannot read"):
            service.get(call, "Image", world["alices secret"])
    assert service.get(world.call("alice", -1), "Image", world["alices secret"])


def test_alice_loads_an_object_of_the_system_group_by_its_id_and_no_search_shows_it(
    service: QueryService, world: World
) -> None:
    root, alice = world.call("root", SYSTEM_GROUP), world.call("alice", -1)
    note = omero.model.MapAnnotationI()
    note.setMapValue([omero.model.NamedValue("made by", "root")])
    made = UpdateService(world.server).saveAndReturnObject(root, note).id.val
    assert service.get(alice, "MapAnnotation", made).getMapValue()[0].value == "root"
    assert service.findAllByQuery(alice, f"select a from Annotation a where a.id = {made}", None) == []


def test_find_all_pages_through_a_class(service: QueryService, alice: Call) -> None:
    everything = service.findAll(alice, "Dataset", None)
    assert names(everything) == ["fixed", "live", "Empty", "orphan dataset"]
    assert names(service.findAll(alice, "Dataset", page(2, 1))) == ["live", "Empty"]
    assert {kind.value.val for kind in service.findAll(alice, "PixelsType", None)} >= {
        "uint8",
        "uint16",
        "float",
    }


def test_find_by_string(service: QueryService, alice: Call, world: World) -> None:
    assert service.findByString(alice, "Experimenter", "omeName", "bob").id.val == world.people["bob"]
    assert service.findByString(alice, "Experimenter", "omeName", "nobody") is None
    assert names(service.findAllByString(alice, "Image", "name", "TIF", False, None)) == [
        "b.tif", "A.tif", "c.tif", "d.tif", "orphan.tif", "imported.tif",
    ]  # fmt: skip
    assert service.findAllByString(alice, "Image", "name", "TIF", True, None) == []
    assert names(service.findAllByString(alice, "Image", "name", ".tif", True, page(1, 1))) == ["A.tif"]
    with pytest.raises(omero.ApiUsageException, match="more than one"):
        service.findByString(alice, "Experimenter", "lastName", "Tester")
    with pytest.raises(omero.ApiUsageException, match="no text field size; it has"):
        service.findByString(alice, "OriginalFile", "size", "1")


def test_find_by_example(service: QueryService, alice: Call, world: World) -> None:
    example = omero.model.DatasetI()
    example.name = rstring("live")
    assert service.findByExample(alice, example).id.val == world["live"]
    pixels = omero.model.PixelsI()
    pixels.image = omero.model.ImageI(world["b.tif"], False)
    pixels.physicalSizeX = omero.model.LengthI(0.5, omero.model.enums.UnitsLength.MICROMETER)
    assert service.findByExample(alice, pixels).id.val == world["pixels b.tif"]
    assert len(service.findAllByExample(alice, omero.model.DatasetI(), page(3))) == 3
    with pytest.raises(omero.ValidationException, match="loaded"):
        service.findByExample(alice, omero.model.DatasetI(1, False))


def test_find_by_query_gives_the_one_object(service: QueryService, alice: Call, world: World) -> None:
    params = omero.sys.ParametersI().addId(world["fixed"])
    found = service.findByQuery(
        alice, "select d from Dataset d join fetch d.imageLinks where d.id = :id", params
    )
    assert found.sizeOfImageLinks() == 3
    assert service.findByQuery(alice, "select d from Dataset d where d.id = -1", None) is None
    with pytest.raises(omero.ApiUsageException, match="more than one object"):
        service.findByQuery(alice, "select d from Dataset d", None)


def test_full_text_finds_objects_by_their_names(service: QueryService, alice: Call, world: World) -> None:
    found = service.findAllByFullText(alice, "Dataset", "live", None)
    assert [dataset.id.val for dataset in found] == [world["live"]]
    assert service.findAllByFullText(alice, "Dataset", "nothinglikeit", None) == []


def test_projection_gives_rows_of_ice_values(service: QueryService, alice: Call, world: World) -> None:
    params = omero.sys.ParametersI().addId(world["b.tif"])
    text = "select i.id, i.name, i.archived, i.acquisitionDate, i.description, i.pixels.size, i from Image i where i.id = :id"
    (row,) = service.projection(alice, text, params)
    types = [type(value).__bases__[0].__name__ for value in row if value is not None]
    assert types == ["RLong", "RString", "RBool", "RTime", "RLong", "RObject"]
    assert row[4] is None
    assert unwrap(row[:4]) == [world["b.tif"], "b.tif", False, 1000]
    assert row[6].val.name.val == "b.tif"


def test_a_row_of_one_null_arrives_as_an_empty_list(service: QueryService, alice: Call) -> None:
    text = "select sum(p.sizeX) from Pixels p where p.sizeX < 0"
    assert service.projection(alice, text, None) == [[]]
    text = "select sum(p.sizeX), count(p) from Pixels p where p.sizeX < 0"
    assert unwrap(service.projection(alice, text, None)) == [[None, 0]]


def test_maps_and_lists_arrive_as_such(service: QueryService, alice: Call, world: World) -> None:
    text = "select new map(i.id as id, i.fileset.id as filesetId, count(*)) from Image i where i.name = 'b.tif' group by i.id, i.fileset.id"
    ((found,),) = service.projection(alice, text, None)
    assert isinstance(found, omero.RMap)
    assert unwrap(found) == {"id": world["b.tif"], "filesetId": None, "2": 1}
    text = "select new list(i.id, i.name) from Image i where i.name = 'b.tif'"
    assert unwrap(service.projection(alice, text, None)) == [[[world["b.tif"], "b.tif"]]]


def test_a_value_with_unit_is_projected_with_its_symbol(service: QueryService, alice: Call) -> None:
    ((length,), *_) = service.projection(alice, "select p.physicalSizeX from Pixels p", None)
    assert unwrap(length) == {"value": 0.5, "unit": "MICROMETER", "symbol": "µm"}


def test_refresh_gives_what_is_stored(service: QueryService, alice: Call, world: World) -> None:
    stale = omero.model.DatasetI(world["live"], True)
    stale.name = rstring("renamed, not saved")
    assert service.refresh(alice, stale).name.val == "live"
    assert service.refresh(alice, omero.model.DatasetI(world["live"], False)).name.val == "live"
    with pytest.raises(omero.ValidationException, match="an object with an id"):
        service.refresh(alice, omero.model.DatasetI())


def test_names_of_ids_survive_a_round_trip(service: QueryService, alice: Call, world: World) -> None:
    params = omero.sys.ParametersI()
    params.add("ids", omero.rtypes.rlist([rlong(world["b.tif"])]))
    found = service.findAllByQuery(alice, "select i from Image i where i.id in (:ids)", params)
    assert names(found) == ["b.tif"]
