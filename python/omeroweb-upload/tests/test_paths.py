import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omeroweb_upload.paths import (
    PathError,
    PathsError,
    clean_path,
    clean_paths,
    dataset_name,
    folder_of,
    folders_of,
    name_of,
    stem_of,
)
from omeroweb_upload.staged_names import staged_path


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("a.tif", "a.tif"),
        ("run 1/Zelle α/a.tif", "run 1/Zelle α/a.tif"),  # noqa: RUF001
        ("folder\\sub\\a.tif", "folder/sub/a.tif"),
        (".zattrs", ".zattrs"),
        ("a..b/c...d.tif", "a..b/c...d.tif"),
        ("console/auxiliary.tif", "console/auxiliary.tif"),
        ("T:1.tif", "T:1.tif"),
        ("2026-11-22T10:15:00/what? <b>.tif", "2026-11-22T10:15:00/what? <b>.tif"),
        ("con/NUL.tif", "con/NUL.tif"),
        ("two\nlines. /b.tif ", "two\nlines. /b.tif "),
    ],
)
def test_good_paths_are_kept(path, clean):
    assert clean_path(path) == clean


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "empty"),
        ("..", "'..'"),
        ("../etc/passwd", "'..'"),
        ("a/../../b", "'..'"),
        ("a\\..\\..\\b", "'..'"),
        ("a/./b", "'.'"),
        ("a//b", "''"),
        ("a/", "''"),
        ("/etc/passwd", "absolute"),
        ("\\windows\\system32", "absolute"),
        ("\\\\server\\share\\a", "absolute"),
        ("//server/share", "absolute"),
        ("C:\\Users\\a.tif", "drive letter"),
        ("d:/a.tif", "drive letter"),
        ("a\0.tif", "U+0000"),
        ("a\ud800.tif", "U+D800"),
        ("a" * 1000, "1000 bytes"),
        ("é" * 200 + ".tif", "404 bytes"),
        ("/".join(["abcdefghi"] * 400), "bytes; 3000"),
        ("/".join("a" * 70), "70 levels"),
    ],
)
def test_bad_paths_are_refused_with_the_reason(path, says):
    with pytest.raises(PathError) as caught:
        clean_path(path)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_name_of_255_bytes_is_accepted_and_of_256_is_not():
    assert clean_path("a" * 251 + ".tif")
    with pytest.raises(PathError):
        clean_path("a" * 252 + ".tif")


def test_decomposed_characters_arrive_composed():
    decomposed = unicodedata.normalize("NFD", "Größe/é.tif")
    assert decomposed != "Größe/é.tif"
    assert clean_path(decomposed) == "Größe/é.tif"


def test_full_width_dots_and_slashes_do_not_become_parents(tmp_path):
    for path in ("\uff0e\uff0e/a", "a/\u2024\u2024/b", "..\u2215a", "\uff0e\uff0e\uff0fetc"):
        assert (tmp_path / staged_path(clean_path(path))).resolve().is_relative_to(tmp_path)


@settings(deadline=None)
@given(st.text(max_size=60) | st.text(st.sampled_from("./\\:aC~ \0é"), max_size=20))
def test_an_accepted_path_is_staged_below_its_folder_on_every_system(path):
    try:
        clean = clean_path(path)
    except PathError:
        return
    staged = staged_path(clean)
    posix, windows = PurePosixPath(staged), PureWindowsPath(staged)
    assert not posix.is_absolute()
    assert not windows.is_absolute()
    assert not windows.drive
    assert not windows.root
    assert ".." not in posix.parts
    assert ".." not in windows.parts
    assert posix.parts == windows.parts
    root = Path("/staged/job")
    assert (root / staged).is_relative_to(root)
    assert all(len(part.encode()) <= 255 for part in posix.parts)
    assert clean_path(clean) == clean


def test_all_bad_paths_are_listed_at_once():
    with pytest.raises(PathsError) as caught:
        clean_paths(["a.tif", "../b", "/c", "d.tif"])
    assert [error.path for error in caught.value.errors] == ["../b", "/c"]


@pytest.mark.parametrize(
    "paths",
    [
        ["a.tif", "a.tif"],
        ["run/é.tif", "run/e\u0301.tif"],
        ["x\\a.tif", "x/a.tif"],
    ],
)
def test_paths_that_would_fall_together_are_refused(paths):
    with pytest.raises(PathsError, match="there already"):
        clean_paths(paths)


def test_a_file_with_the_name_of_a_folder_is_refused():
    with pytest.raises(PathsError, match="folder has the same name"):
        clean_paths(["run", "run/a.tif"])


def test_good_lists_come_back_cleaned_in_order():
    assert clean_paths(["b\\a.tif", "a.tif"]) == ("b/a.tif", "a.tif")
    assert clean_paths([]) == ()
    assert clean_paths(["A.tif", "a.tif"]) == ("A.tif", "a.tif")


def test_datasets_are_named_after_folders():
    assert dataset_name("folderA/subfolderB/a.tif") == "folderA\\subfolderB"
    assert dataset_name("a.tif") is None


def test_parts_of_paths():
    assert name_of("a/b/c.ome.tif") == "c.ome.tif"
    assert stem_of("a/b/c.ome.tif") == "c.ome"
    assert stem_of(".zattrs") == ".zattrs"
    assert folder_of("a/b/c.tif") == "a/b"
    assert folders_of("a/b/c.tif") == ("a", "b")
    assert folders_of("c.tif") == ()
