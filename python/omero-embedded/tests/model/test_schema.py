"""The schema is the model that omero-py ships."""

from __future__ import annotations

import omero
import omero.all
import pytest

from omero_embedded.model.objects import get_field, new, proxy, set_field
from omero_embedded.model.schema import SCHEMA, UnknownClassError


def test_every_implemented_class_of_omero_py_is_in_the_schema() -> None:
    implemented = {
        name.removesuffix("I")
        for name, found in vars(omero.model).items()
        if isinstance(found, type) and name.endswith("I") and issubclass(found, omero.model.IObject)
    }
    assert implemented
    assert implemented <= set(SCHEMA)


@pytest.mark.parametrize(
    "name",
    ["Dataset", "DatasetI", "omero.model.Dataset", "ome.model.containers.Dataset", "::omero::model::Dataset"],
)
def test_all_spellings_of_a_class_are_understood(name: str) -> None:
    assert SCHEMA.resolve(name).name == "Dataset"


def test_an_unknown_class_names_the_nearest_one() -> None:
    with pytest.raises(UnknownClassError, match="did you mean Dataset"):
        SCHEMA.resolve("Datasett")


@pytest.mark.parametrize(
    ("owner", "collection", "inverse", "ordered"),
    [
        ("Project", "datasetLinks", "parent", False),
        ("Dataset", "projectLinks", "child", False),
        ("Image", "pixels", "image", True),
        ("Pixels", "channels", "pixels", True),
        ("Experimenter", "groupExperimenterMap", "child", True),
        ("ExperimenterGroup", "groupExperimenterMap", "parent", False),
        ("Well", "wellSamples", "well", True),
        ("Roi", "shapes", "roi", True),
        ("Annotation", "annotationLinks", "parent", False),
        ("Folder", "childFolders", "parentFolder", False),
    ],
)
def test_collections_know_their_other_side(owner: str, collection: str, inverse: str, ordered: bool) -> None:
    found = SCHEMA[owner].collections[collection]
    assert (found.inverse, found.ordered) == (inverse, ordered)


def test_java_names_are_those_that_the_server_reports() -> None:
    assert SCHEMA["Image"].java_name == "ome.model.core.Image"
    assert SCHEMA["Annotation"].java_name == "ome.model.annotations.Annotation"


@pytest.mark.parametrize(
    ("cls", "field", "value"),
    [
        ("Image", "name", "a.tif"),
        ("Pixels", "physicalSizeX", (0.1, "MICROMETER")),
        ("MapAnnotation", "mapValue", [("key", "one"), ("key", "two")]),
        ("Image", "acquisitionDate", 1_700_000_000_000),
        ("LongAnnotation", "longValue", 2**40),
        ("Mask", "bytes", b"\x00\xff"),
    ],
)
def test_values_survive_the_way_into_an_object_and_back(cls: str, field: str, value: object) -> None:
    instance = new(cls)
    set_field(instance, SCHEMA[cls].fields[field], value)
    assert get_field(instance, SCHEMA[cls].fields[field]) == value


def test_a_proxy_of_an_abstract_class_can_be_made() -> None:
    found = proxy("Annotation", 7)
    assert (found.id.val, found.isLoaded()) == (7, False)
