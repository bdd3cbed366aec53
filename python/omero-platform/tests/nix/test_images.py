"""Images and compose file agree: ports, health checks and accounts, each derived from stack.toml on its own side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform.compose.render import compose
from omero_platform.hosted.__main__ import COMMANDS
from omero_platform.stack import load_stack

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

STACK = load_stack(ROOT / "stack.toml")
IN_COMPOSE = {"omeroserver": "omeroserver", "omeroweb": "omeroweb", "worker": "worker", "embedded": "omeroserver",
              "pg-maintenance": "pg-maintenance", "redis-sysctl-init": "redis-sysctl-init"}  # fmt: skip


@pytest.fixture
def images(evaluate: Callable[..., Any]) -> dict[str, Any]:
    found: dict[str, Any] = evaluate("import ./nix/images/config.nix { }")
    return found


def test_every_image_of_the_compose_file_is_made(images: dict[str, Any]) -> None:
    assert set(images) == set(IN_COMPOSE)
    wanted = set(re.findall(r"omero-platform/([a-z-]+):", str(compose(STACK))))
    assert wanted == set(images) - {"embedded"}


def test_health_is_asked_the_same_way(images: dict[str, Any]) -> None:
    services = compose(STACK)["services"]
    for name, image in images.items():
        asked = services[IN_COMPOSE[name]].get("healthcheck", {}).get("test")
        assert (image["healthcheck"] or {}).get("Test") == asked, name


def test_ports_are_those_of_the_stack(images: dict[str, Any]) -> None:
    for name in ("omeroserver", "omeroweb", "worker"):
        ports = STACK.services[name].ports.values()
        assert set(images[name]["exposedPorts"]) == {f"{port}/tcp" for port in ports}


def test_no_image_runs_as_root_but_the_one_that_sets_the_kernel(images: dict[str, Any]) -> None:
    assert {name for name, image in images.items() if image["user"].startswith("0")} == {"redis-sysctl-init"}


def test_every_program_is_a_part_that_exists(images: dict[str, Any]) -> None:
    hosted = [
        words for image in images.values() for words in image["programs"].values() if words[0] == "python"
    ]
    assert hosted
    assert all(
        words[:4] == ["python", "-P", "-m", "omero_platform.hosted"] and words[4] in COMMANDS
        for words in hosted
    )


def test_every_environment_is_made_of_locked_packages_and_all_wishes_are_in_one(
    evaluate: Callable[..., Any],
) -> None:
    roots = evaluate("import ./nix/python/roots.nix")
    ours = set(evaluate("builtins.attrNames (import ./nix/python/ours.nix)"))
    packages = evaluate('import ./nix/lib/packages.nix { system = "x86_64-linux"; }')
    for names in roots.values():
        assert set(names) <= ours | set(packages)
    needs = evaluate("builtins.mapAttrs (_: own: own.requires) (import ./nix/python/ours.nix)")
    reached: set[str] = set()
    waiting = list(roots["platform"])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += needs.get(name) or packages.get(name, {}).get("requires", [])
    text = (ROOT / "python/requirements.in").read_text().partition("# tests and checks")[0]
    wishes = {
        re.split(r"[\[=<>~! #]", line)[0] for line in text.splitlines() if line and not line.startswith("#")
    }
    assert wishes - reached == set()


def test_the_folders_of_the_repository_are_the_distributions(evaluate: Callable[..., Any]) -> None:
    assert set(evaluate("builtins.attrNames (import ./nix/python/ours.nix)")) == {
        path.parent.name for path in ROOT.glob("python/*/pyproject.toml")
    }
