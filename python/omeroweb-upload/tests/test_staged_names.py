"""What files are called while they wait for their import."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_upload.paths import MAX_NAME_BYTES, PathError, clean_path
from omeroweb_upload.staged_names import original_name, staged_name, staged_path

ODD = 'abC.:%?*<> |"\n\u202e\u00e9\u4e00NULCON1'


@pytest.mark.parametrize(
    ("path", "staged"),
    [
        ("run 1/Zelle \u03b1/a.tif", "run 1/Zelle \u03b1/a.tif"),
        ("12:30:00.tif", "12%3A30%3A00.tif"),
        ("100%.tif", "100%25.tif"),
        ("nul.tif", "%6Eul.tif"),
        ("dots./b.tif ", "dots%2E/b.tif%20"),
        ("two\nlines.tif", "two%0Alines.tif"),
        ("a\u202egpj.exe", "a%E2%80%AEgpj.exe"),
    ],
)
def test_only_what_other_systems_dislike_is_written_differently(path, staged):
    assert staged_path(path) == staged


@given(st.text(st.sampled_from(ODD), min_size=1, max_size=40))
def test_every_name_comes_back(name):
    try:
        clean_path(name)
    except PathError:
        return
    assert original_name(staged_name(name)) == name


@given(
    st.lists(st.text(st.sampled_from(ODD), min_size=200, max_size=250), min_size=2, max_size=2, unique=True)
)
def test_long_names_fit_and_stay_different(names):
    staged = [staged_name(name) for name in names]
    assert len(set(staged)) == 2
    assert all(len(name.encode()) <= MAX_NAME_BYTES for name in staged)


def test_a_long_name_keeps_its_extension():
    name = ":" * 240 + ".tif"
    assert staged_name(name).endswith(".tif")
    assert original_name(staged_name(name)) is None
