"""Which part of a name is parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_omp_plugin.parsing.base_name import BaseNameRules, base_name, split_extension
from omeroweb_omp_plugin.parsing.natural import natural_key
from omeroweb_omp_plugin.parsing.sources import Source, path_parts


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("a_b_01.ome.tif", "a_b_01"),
        ("a_b_01.OME.TIFF", "a_b_01"),
        ("plate.ome.zarr", "plate"),
        ("brain.nii.gz", "brain"),
        ("a.b_01.tif", "a.b_01"),
        ("scan [img_01_A.tif]", "img_01_A.tif"),
        ("stack.lif [Series_003]", "Series_003"),
        ("empty []_01.tif", "empty []_01"),
        ("My image 01_A.tif", "My image 01_A"),
        ("noext", "noext"),
        ("dose_0.5", "dose_0.5"),
        (".hidden", ".hidden"),
        ("..", ".."),
        ("", ""),
        ("tab\tname.tif", "tab name"),
        ("scan.1sc", "scan"),
        ("B02f00d0.C01", "B02f00d0"),
    ],
)
def test_base_names(name: str, base: str) -> None:
    assert base_name(name) == base


def test_the_last_word_counts_only_when_asked() -> None:
    assert base_name("My image 01_A.tif", BaseNameRules(last_word=True)) == "01_A"


def test_brackets_and_extension_stay_when_asked() -> None:
    assert base_name("a [b].tif", BaseNameRules(brackets=False)) == "a [b]"
    assert base_name("a [b].tif", BaseNameRules(brackets=False, extension=False)) == "a [b].tif"


@given(st.text())
def test_stem_and_extension_make_the_name_again(name: str) -> None:
    stem, extension = split_extension(name)
    assert stem + extension == name
    assert stem or not name


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (r"C:\Users\alice\HeLa\img.tif", ("Users", "alice", "HeLa", "img.tif")),
        ("/data//alice/./img.tif", ("data", "alice", "img.tif")),
        ("file:///data/img.tif", ("data", "img.tif")),
        ("", ()),
    ],
)
def test_path_parts(path: str, parts: tuple[str, ...]) -> None:
    assert path_parts(path) == parts


def test_folders_file_and_extension_are_sources() -> None:
    path = "/data/P1/HeLa/img_01.ome.tif"
    assert Source("folder").text("x", path) == "HeLa"
    assert Source("folder", 2).text("x", path) == "P1"
    assert Source("folder", 9).text("x", path) == ""
    assert Source("file").text("x", path) == "img_01.ome.tif"
    assert Source("extension").text("x", path) == "ome.tif"
    assert Source("extension").text("x.CZI") == "czi"
    assert Source().text("x", path) == "x"


def test_numbers_in_names_sort_as_numbers() -> None:
    names = ["s10", "s2", "S1", "s", "s02", "a10b2", "a10b10"]
    assert sorted(names, key=natural_key) == ["a10b2", "a10b10", "s", "S1", "s02", "s2", "s10"]
