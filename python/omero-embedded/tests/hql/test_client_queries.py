"""Every query that OMERO's own clients send runs, for a user and for an administrator."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from omero_embedded.hql.run import rows

if TYPE_CHECKING:
    from conftest import World

FILE = Path(__file__).with_name("client_queries.txt")
QUERIES = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
LISTS = {"filter", "ns_to_exclude", "nss", "default_names", "gids"}
TEXTS = {
    "ns", "value", "name", "text", "mimetype", "mt", "ratingns", "action", "type", "start", "omeName", "email", "pname",
}  # fmt: skip
NAMESPACES = ["client", "notes", "gene", "openmicroscopy.org/omero/insight/tagset"]


def example(name: str) -> Any:
    """A value of the kind that clients give a parameter of this name."""
    if name.endswith("ids"):
        return list(range(1, 60))
    if name in LISTS:
        return list(range(10)) if name == "gids" else NAMESPACES
    return "client" if name in TEXTS else 1


def test_the_list_is_the_one_that_was_recorded() -> None:
    assert len(QUERIES) > 350
    assert len(set(QUERIES)) == len(QUERIES)


@pytest.mark.parametrize("text", QUERIES)
def test_it_runs(world: World, text: str) -> None:
    params = {name: example(name) for name in re.findall(r":(\w+)", text)}
    for call in (world.call("alice", -1), world.call("carol", -1), world.call("bob", "private")):
        everything = rows(call, text, params)
        page = rows(call, text, params, limit=2, offset=1)
        assert len(page) == max(0, min(2, len(everything) - 1))
        if " order by " in text.lower():
            assert _values(page) == _values(everything[1:3])


def _values(found: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows in a form that compares; objects by their ids."""
    return [[value.id.val if hasattr(value, "id") else str(value) for value in row] for row in found]


def test_most_of_them_find_something(world: World) -> None:
    """So that the test above is not about empty answers."""
    call = world.call("carol", -1)
    answered = sum(
        bool(rows(call, text, {name: example(name) for name in re.findall(r":(\w+)", text)}))
        for text in QUERIES
    )
    assert answered > len(QUERIES) / 2
