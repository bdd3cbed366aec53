"""Expansion of omero.fs.repo.path."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import omero
import pytest

from omero_embedded.files.naming import name_rules
from omero_embedded.importer.template import DEFAULT_TEMPLATE, Expanded, Facts, expand, file_hash

NOW = datetime(2026, 8, 4, 13, 49, 7, 727_000)  # noqa: DTZ001 - paths show local time
FACTS: dict[str, Any] = {
    "user": "alice",
    "user_id": 3,
    "group": "lab",
    "group_id": 5,
    "perms": "rwr---",
    "institution": None,
    "session": "6c2dae43-cfad-48ce-af6f-025569f9e6df",
    "session_id": 17,
    "now": NOW,
    "file_hash": "0554E3A1",
}


def expanded(template: str, folders: dict[str, list[str]] | None = None, **facts: Any) -> Expanded:
    known = folders or {}
    return expand(
        template, Facts(**{**FACTS, **facts}), name_rules(None), lambda parts: known.get("/".join(parts), [])
    )


def text(template: str, folders: dict[str, list[str]] | None = None, **facts: Any) -> str:
    return "/".join(expanded(template, folders, **facts).parts)


def test_the_default_gives_root_the_first_folder_and_the_user_the_rest():
    made = expanded(DEFAULT_TEMPLATE)
    assert made.root_owned == ("alice_3",)
    assert made.user_owned == ("2026-08", "04", "13-49-07.727")


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("%user%", "alice"),
        ("%userId%", "3"),
        ("%group%", "lab"),
        ("%groupId%", "5"),
        ("%perms%", "rwr---"),
        ("%year%", "2026"),
        ("%month%", "08"),
        ("%monthname%", "August"),
        ("%day%", "04"),
        ("%session%", "6c2dae43-cfad-48ce-af6f-025569f9e6df"),
        ("%sessionId%", "17"),
        ("%time%", "13-49-07.727"),
        ("%hash%", "0554E3A1"),
        ("hash-%hash:3,3,2%", "hash-055/4E3/A1"),
        (
            "%institution:State College of Florida, Manatee-Sarasota%",
            "State College of Florida, Manatee-Sarasota",
        ),
    ],
)
def test_every_term_of_the_documentation_expands(term, value):
    assert text(f"x/{term}") == f"x/{value}"


def test_a_component_with_no_institution_is_left_out():
    assert text("a/in-%institution%/b") == "a/b"
    assert text("a/in-%institution%/b", institution="ETH") == "a/in-ETH/b"


def test_increment_makes_the_next_new_folder():
    assert text("inc-%increment%", {"": ["inc-9", "inc-24", "other-99"]}) == "inc-25"
    assert text("inc-%increment:3%", {"": ["inc-024"]}) == "inc-025"
    assert text("a/%increment%") == "a/1"


def test_subdirs_is_nothing_until_the_folder_is_full():
    assert text("example/below-%subdirs%/x") == "example/x"
    full = [f"entry{number}" for number in range(1000)]
    assert text("example/below-%subdirs%/x", {"example": full}) == "example/below-000/x"
    folders = {"example": [*full, "below-000"], "example/below-000": full}
    assert text("example/below-%subdirs%/x", folders) == "example/below-001/x"


def test_subdirs_goes_deeper_when_every_folder_is_full():
    full = [str(number) for number in range(10)]
    folders = {"e": [f"d{number}" for number in range(10)]} | {f"e/d{number}": full for number in range(10)}
    assert text("e/d%subdirs:1%", folders).startswith("e/d9/")


@pytest.mark.parametrize(
    "template",
    [
        "%time%//x",
        "%hash%//x",
        "%nonsense%",
        "a//",
        "a//b//c",
        "%time%-%increment%",
        "%hash:9%",
        "%increment:x%",
    ],
)
def test_templates_that_omero_forbids_are_refused(template):
    with pytest.raises(omero.ApiUsageException, match=r"omero\.fs\.repo\.path"):
        expanded(template)


def test_names_from_users_cannot_make_folders():
    assert text("%user%/x", user="a/../b") == "a_.._b/x"


def test_the_hash_depends_on_the_files_and_not_on_their_order():
    assert file_hash(["a", "b"]) == file_hash(["b", "a"])
    assert file_hash(["a", "b"]) != file_hash(["a", "c"])
    assert len(file_hash(["a"])) == 8
