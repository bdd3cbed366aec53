"""Which folder a command works on, and which folders it refuses."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from omero_platform.errors import PlatformError
from omero_platform.instance import (
    LAYOUT,
    MARKER,
    Instance,
    existing_instance,
    find_instance,
    write_atomically,
)

if TYPE_CHECKING:
    from pathlib import Path


def mark(folder: Path, **facts: object) -> None:
    """Make a folder look like a stack's."""
    folder.mkdir(exist_ok=True)
    (folder / MARKER).write_text(json.dumps({"layout": LAYOUT, "port_offset": 0, "monitoring": True} | facts))


def test_a_new_folder_is_fine(folder: Path) -> None:
    instance, exists = find_instance(str(folder / "new"), None)
    assert not exists
    assert instance.port("omeroweb", "http") == 4090


def test_ports_are_remembered_and_shifted(folder: Path) -> None:
    mark(folder / "data", port_offset=10000, monitoring=False)
    instance, exists = find_instance(str(folder / "data"), None)
    assert exists
    assert instance.port("omeroweb", "http") == 14090
    assert not instance.monitoring


def test_a_shifted_stack_has_a_folder_of_its_own() -> None:
    plain, _ = find_instance(None, 0)
    shifted, _ = find_instance(None, 20000)
    assert plain.data != shifted.data


def test_somebody_elses_folder_is_refused(folder: Path) -> None:
    (folder / "thesis.doc").write_text("")
    with pytest.raises(PlatformError, match="is not empty and was not made by the platform"):
        find_instance(str(folder), None)
    assert [path.name for path in folder.iterdir()] == ["thesis.doc"]


def test_a_file_is_refused(folder: Path) -> None:
    (folder / "data").write_text("")
    with pytest.raises(PlatformError, match="is a file, not a folder"):
        find_instance(str(folder / "data"), None)


@pytest.mark.parametrize(("layout", "age"), [(LAYOUT + 1, "newer"), (LAYOUT - 1, "older")])
def test_a_folder_of_another_version_is_refused(folder: Path, layout: int, age: str) -> None:
    mark(folder / "data", layout=layout)
    with pytest.raises(PlatformError, match=f"was made by an? {age} version") as refused:
        find_instance(str(folder / "data"), None)
    assert "Nothing was changed" in refused.value.advice


@pytest.mark.parametrize("text", ["", "{}", '{"layout": "one"}', "[]"])
def test_a_damaged_marker_is_refused(folder: Path, text: str) -> None:
    (folder / MARKER).write_text(text)
    with pytest.raises(PlatformError, match="is damaged"):
        find_instance(str(folder), None)


def test_a_very_long_path_is_refused(folder: Path) -> None:
    with pytest.raises(PlatformError, match="too long"):
        find_instance(str(folder / ("x" * 90)), None)


@pytest.mark.parametrize("name", ["a;b", 'a"b', "a#b", "a\nb"])
def test_a_path_that_configuration_files_cannot_hold_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(PlatformError, match="which configuration files cannot hold"):
        find_instance(str(folder / name), None)


@pytest.mark.parametrize("offset", [-1, 60000])
def test_impossible_offsets_are_refused(folder: Path, offset: int) -> None:
    with pytest.raises(PlatformError, match="--port-offset must be between 0 and"):
        find_instance(str(folder / "new"), offset)


def test_commands_that_need_a_stack_say_how_to_make_one(folder: Path) -> None:
    with pytest.raises(PlatformError, match="There is no stack in") as refused:
        existing_instance(str(folder / "new"), None)
    assert "up" in refused.value.advice


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; run the tests as an ordinary user")
def test_an_unreadable_folder_is_refused(folder: Path) -> None:
    mark(folder / "data")
    (folder / "data").chmod(0)
    try:
        with pytest.raises(PlatformError, match="cannot be read"):
            find_instance(str(folder / "data"), None)
    finally:
        (folder / "data").chmod(0o700)


def test_an_interrupted_write_leaves_the_old_file(prepared: Instance) -> None:
    path = prepared.data / "facts"
    write_atomically(path, "old")
    (prepared.data / "facts.new").write_text("half of the n")
    write_atomically(path, "new", mode=0o600)
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert not (prepared.data / "facts.new").exists()
