"""Nix builds exactly the packages that the plain install gets: names, versions and hashes from one lock."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOCK = ROOT / "python/requirements.lock"
INDEX = ROOT / "nix/python/artifacts.json"
SYSTEMS = ("x86_64-linux", "aarch64-linux")


def locked_by_python() -> dict[str, list[dict[str, Any]]]:
    """The lock as this test reads it, without any code of ours."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in LOCK.read_text().replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s*--hash=sha256:", line.strip())
        name_and_version, _, marker = (part.strip() for part in requirement.partition(";"))
        name, _, version = name_and_version.partition("==")
        found.setdefault(name, []).append({"version": version, "marker": marker or None, "hashes": hashes})
    return found


def test_nix_reads_the_lock_as_it_is_written(evaluate: Callable[..., Any]) -> None:
    by_nix = evaluate(
        'builtins.mapAttrs (_: map (v: removeAttrs v [ "name" ])) (import ./nix/lib/lock.nix { })'
    )
    assert by_nix == locked_by_python()


def file_that_is_fetched(pypi: dict[str, str]) -> str:
    """How nixpkgs' fetchPypi puts a file's name together."""
    if pypi.get("format") == "wheel":
        return "-".join(pypi[part] for part in ("pname", "version", "python", "abi", "platform")) + ".whl"
    return f"{pypi['pname']}-{pypi['version']}.tar.gz"


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_package_nix_builds_is_a_locked_one(evaluate: Callable[..., Any], system: str) -> None:
    packages = evaluate("{ system }: import ./nix/lib/packages.nix { inherit system; }", system=system)
    locked = locked_by_python()
    for name, package in packages.items():
        variant = next(variant for variant in locked[name] if package["sha256"] in variant["hashes"])
        assert package["version"] == variant["version"]
        assert file_that_is_fetched(package["pypi"]) == package["file"]
        assert set(package["requires"]) <= set(packages), f"{name} needs a package that is not there"


def test_no_locked_package_is_forgotten() -> None:
    """What only other systems or Pythons need is left out, and nothing else is."""
    left_out = set(locked_by_python()) - set(json.loads(INDEX.read_text()))
    markers = {name: [variant["marker"] for variant in locked_by_python()[name]] for name in left_out}
    assert all(
        "win32" in marker or "python_full_version <" in marker
        for texts in markers.values()
        for marker in texts
    ), markers


def test_no_package_needs_itself_in_the_end() -> None:
    index = json.loads(INDEX.read_text())
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a circle: {' → '.join((*path, name))}"
        if name not in done:
            for need in index[name]["requires"]:
                visit(need, (*path, name))
            done.add(name)

    for name in index:
        visit(name, ())


def test_an_index_of_another_lock_is_refused_with_the_command_that_helps(
    refuse: Callable[..., str], tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(re.sub(r"(--hash=sha256:)[0-9a-f]{4}", r"\g<1>0000", LOCK.read_text()))
    said = refuse(
        '{ lock }: import ./nix/lib/packages.nix { system = "x86_64-linux"; lock = import ./nix/lib/lock.nix { lockFile = lock; }; }',
        lock=str(lock),
    )
    assert "is not one of the files that python/requirements.lock allows" in said
    assert "./omero-platform lock" in said


def test_a_line_without_hash_is_refused(refuse: Callable[..., str], tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("django==5.2\n")
    said = refuse("{ lock }: import ./nix/lib/lock.nix { lockFile = lock; }", lock=str(lock))
    assert "not a requirement with an exact version and hashes: django==5.2" in said
