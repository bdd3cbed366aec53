"""Names and paths inside repositories."""

from __future__ import annotations

import omero
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omero_embedded.files import naming


def test_a_path_cannot_leave_the_repository():
    with pytest.raises(omero.ValidationException, match=r"\.\."):
        naming.parts_of("alice/../../etc/passwd")


def test_control_characters_are_refused():
    with pytest.raises(omero.ValidationException, match="control"):
        naming.parts_of("alice/\x00")


def test_slashes_at_the_ends_do_not_matter():
    assert naming.parts_of("/alice//b/") == ("alice", "b")
    assert naming.folder_text(()) == "/"
    assert naming.folder_text(("alice", "b")) == "alice/b/"


def test_names_that_windows_forbids_are_replaced():
    rules = naming.name_rules(None)
    assert rules.safe("a:b?.tif") == "a_b_.tif"
    assert rules.safe("con.txt") == "_con.txt"
    assert rules.safe("$x") == "_$x"
    assert rules.safe("..") == "_"


def test_unknown_rules_are_named():
    with pytest.raises(omero.ApiUsageException, match="Mac"):
        naming.name_rules("Mac required")


@given(st.text())
def test_a_safe_name_stays_as_it_is_and_is_one_part_of_a_path(name):
    rules = naming.name_rules("Windows required, Windows optional, UNIX required, UNIX optional")
    safe = rules.safe(name)
    assert rules.safe(safe) == safe
    assert naming.parts_of(safe) == (safe,)


def test_the_common_parent_is_the_longest_shared_folder():
    assert naming.common_parent([("a", "b", "1.dv"), ("a", "b", "c", "2.dv")]) == ("a", "b")
    assert naming.common_parent([("a", "1.dv")]) == ("a",)
    assert naming.common_parent([("1.dv",), ("x", "2.dv")]) == ()
