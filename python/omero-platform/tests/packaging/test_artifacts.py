"""Which published file Nix takes, from what the resolver says of a package."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from omero_platform.errors import PlatformError
from omero_platform.packaging.artifacts import Project, artifacts, best_file

PLACE = "https://files.example.org/packages"


def file(name: str, digit: str = "1") -> dict[str, str]:
    return {"url": f"{PLACE}/{name}", "hash": "sha256:" + digit * 64}


def package(**more: Any) -> dict[str, Any]:
    return {"name": "tool", "version": "1.0", "source": {"registry": "https://index"}, **more}


def test_a_wheel_for_this_python_and_machine_comes_before_pure_ones_and_source() -> None:
    wheels = [
        file("tool-1.0-py3-none-any.whl"),
        file("tool-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", "2"),
        file("tool-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "3"),
        file("tool-1.0-cp312-cp312-manylinux_2_99_x86_64.whl", "4"),
        file("tool-1.0-cp312-cp312-musllinux_1_2_x86_64.whl", "5"),
    ]
    found = package(wheels=wheels, sdist=file("tool-1.0.tar.gz", "6"))
    assert best_file(found, "x86_64")["sha256"] == "2" * 64
    assert best_file(found, "aarch64")["name"] == "tool-1.0-py3-none-any.whl"


def test_source_is_the_last_resort_and_nothing_is_an_error_with_a_way_out() -> None:
    windows = [file("tool-1.0-cp312-cp312-win_amd64.whl")]
    assert (
        best_file(package(wheels=windows, sdist=file("tool-1.0.tar.gz")), "x86_64")["name"]
        == "tool-1.0.tar.gz"
    )
    with pytest.raises(PlatformError, match="no file for x86_64"):
        best_file(package(wheels=windows), "x86_64")


def test_what_is_the_same_everywhere_is_written_once_and_needs_for_others_are_left_out() -> None:
    needs = [
        {"name": "always"},
        {"name": "on-windows", "marker": "sys_platform == 'win32'"},
        {"name": "on-old-pythons", "marker": "python_full_version < '3.12'"},
        {"name": "zeroc-ice"},
    ]
    found = artifacts(
        {
            "package": [
                package(wheels=[file("tool-1.0-py3-none-any.whl")], dependencies=needs),
                {"name": "locked", "version": "0", "source": {"virtual": "."}},
                package(name="old") | {"resolution-markers": ["python_full_version < '3.12'"]},
            ]
        }
    )
    assert list(found) == ["tool"]
    assert list(found["tool"]["files"]) == ["any"]
    assert found["tool"]["files"]["any"]["name"] == "tool-1.0-py3-none-any.whl"
    assert found["tool"]["requires"] == ["always"]


def test_the_project_for_the_resolver_is_valid_toml_whatever_the_markers_are() -> None:
    project = Project(["tool>1"], ['a==1 ; sys_platform == "win32"', "b==2 ; python_full_version < '3.12'"])
    read = tomllib.loads(project.toml())
    assert read["tool"]["uv"]["constraint-dependencies"] == project.locked
    assert read["project"]["dependencies"] == ["tool>1"]
