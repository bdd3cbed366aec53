"""Putting a restored state in its place, also when that is interrupted; whole restores are in the test of the stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from omero_platform.backup.restore import JOURNAL, STAGING, finish_interrupted

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance

PARTS = ["database", "database_plugin", "omeroserver", "secrets"]


def fill(folder: Path, text: str) -> None:
    for part in PARTS:
        (folder / part).mkdir(parents=True)
        (folder / part / "content").write_text(text)


def contents(folder: Path) -> set[str]:
    return {(folder / part / "content").read_text() for part in PARTS}


@pytest.fixture
def built(prepared: Instance) -> Instance:
    """A restored state beside a present one, ready to be put in its place."""
    fill(prepared.data, "before")
    fill(prepared.data / STAGING, "restored")
    (prepared.data / JOURNAL).write_text(json.dumps({"aside": "aside", "parts": PARTS}))
    return prepared


def test_the_present_state_is_set_aside_and_nothing_is_lost(built: Instance) -> None:
    assert finish_interrupted(built)
    assert contents(built.data) == {"restored"}
    assert contents(built.data / "aside") == {"before"}
    assert not (built.data / JOURNAL).exists()
    assert not finish_interrupted(built)


@pytest.mark.parametrize("steps", range(9))
def test_an_interrupted_change_is_completed_from_wherever_it_stopped(built: Instance, steps: int) -> None:
    data, aside = built.data, built.data / "aside"
    moves = [
        move for part in PARTS for move in ((data / part, aside / part), (data / STAGING / part, data / part))
    ]
    aside.mkdir()
    for source, target in moves[:steps]:
        source.rename(target)
    assert finish_interrupted(built)
    assert contents(data) == {"restored"}
    assert contents(aside) == {"before"}
