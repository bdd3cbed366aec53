"""Nix and Python read the same stack.toml and come to the same ports, targets and schedules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform.compose.topology import topology
from omero_platform.stack import load_stack

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DERIVED = "{ file }: builtins.removeAttrs (import ./nix/lib/stack.nix { stackFile = file; }) [ %s ]"
NOT_COMPARED = '"hostName" "portOf" "services" "serviceOf"'


def by_nix(evaluate: Callable[..., Any], file: Path) -> Any:
    return evaluate(DERIVED % NOT_COMPARED, file=str(file))


def by_python(file: Path) -> Any:
    return json.loads(json.dumps(topology(load_stack(file))))


def test_both_derive_the_same_from_the_stack_of_the_repository(evaluate: Callable[..., Any]) -> None:
    file = ROOT / "stack.toml"
    assert by_nix(evaluate, file) == by_python(file)


@pytest.mark.parametrize(
    ("right", "changed"),
    [
        ("ports = { http = 4090 }", "ports = { http = 4091 }"),
        ('public = ["ssl"]', 'public = ["ssl", "tcp"]'),
        ('needs = ["loki"]', "needs = []"),
        ('path = "/webgateway/" }]', 'path = "/webclient/" }]'),
        ('job = "node_exporter"', 'job = "node"'),
        ("week_of_month = 1", "week_of_month = 3"),
        ('vacuum_analyze = { weekday = "Sunday"', 'vacuum_analyze = { weekday = "Wednesday"'),
        ('timezone = "Europe/Zurich"', 'timezone = "Europe/Lisbon"'),
        ('version = "8.4.0"', 'version = "8.6.1"'),
    ],
)
def test_a_change_of_the_stack_reaches_both_alike(
    evaluate: Callable[..., Any], tmp_path: Path, right: str, changed: str
) -> None:
    text = (ROOT / "stack.toml").read_text()
    assert right in text
    file = tmp_path / "stack.toml"
    file.write_text(text.replace(right, changed))
    assert by_nix(evaluate, file) == by_python(file)
    assert by_python(file) != by_python(ROOT / "stack.toml")


def test_the_first_sunday_of_a_month_is_among_its_first_seven_days() -> None:
    schedules = topology(load_stack(ROOT / "stack.toml"))["schedules"]
    assert schedules == {
        "vacuumAnalyze": "Sun *-*-* 03:00:00 Europe/Zurich",
        "reindex": "Sun *-*-01..07 04:00:00 Europe/Zurich",
        "backup": "*-*-* 01:30:00 Europe/Zurich",
        "verify": "Sun *-*-* 05:00:00 Europe/Zurich",
    }
