"""The description of the stack: what is right is read, what is wrong is refused with the key's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omero_platform.errors import PlatformError
from omero_platform.stack import load_stack

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SMALLEST = """
timezone = "Europe/Zurich"
[services.web]
title = "Web"
ports = { http = 80 }
needs = []
health = { kind = "http", port = "http" }
runs = ["local"]
[maintenance]
databases = []
vacuum_analyze = { weekday = "Sunday", time = "03:00" }
reindex = { weekday = "Sunday", week_of_month = 1, time = "04:00" }
"""


def refusal(folder: Path, text: str) -> str:
    """What is said about a wrong description."""
    path = folder / "stack.toml"
    path.write_text(text)
    with pytest.raises(PlatformError) as refused:
        load_stack(path)
    return str(refused.value)


def test_the_stack_of_the_repository_is_valid() -> None:
    stack = load_stack(ROOT / "stack.toml")
    assert stack.services["omeroweb"].ports == {"http": 4090}
    assert "portainer" not in stack.local()


def test_services_start_after_those_they_need() -> None:
    stack = load_stack(ROOT / "stack.toml")
    order = stack.start_order(stack.services)
    for name, service in stack.services.items():
        assert all(order.index(need) < order.index(name) for need in service.needs)


def test_the_smallest_stack_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "stack.toml"
    path.write_text(SMALLEST)
    assert load_stack(path).services["web"].title == "Web"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("needs = []", 'needs = ["databse"]', "there is no service databse"),
        ("needs = []", 'needs = ["web"]', "these services wait for each other: web"),
        ("http = 80 }", "http = 80, https = 80 }", "80 already belongs to web"),
        ("http = 80 }", "http = 80000 }", "services.web.ports.http"),
        ('port = "http" }', 'port = "htpp" }', "no port is called htpp; there are: http"),
        ('kind = "http"', 'kind = "https"', "services.web.health.kind"),
        ('title = "Web"', 'titel = "Web"', "services.web.title"),
        ('time = "03:00"', 'time = "3 Uhr"', "maintenance.vacuum_analyze.time"),
        ("[services.web]", "[services.web", "is not valid TOML"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert said in refusal(tmp_path, SMALLEST.replace(right, wrong))


def test_a_missing_file_is_named_with_the_variable_that_says_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"stack.toml cannot be read") as refused:
        load_stack(tmp_path / "stack.toml")
    assert "OMERO_PLATFORM_ROOT" in refused.value.advice
