"""Spreading over machines: every service of the stack has its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.stack import load_stack

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_service_has_a_role_or_is_on_every_machine(evaluate: Callable[..., Any]) -> None:
    roles = evaluate("import ./nix/lib/roles.nix { }")
    assert roles["unplaced"] == []
    assert roles["unknown"] == []
    assert set(roles["roleOf"]) | set(roles["everywhere"]) == set(load_stack(ROOT / "stack.toml").services)


def test_a_role_needs_the_roles_of_what_its_services_wait_for(evaluate: Callable[..., Any]) -> None:
    roles = evaluate("import ./nix/lib/roles.nix { }")
    for role, names in roles["services"].items():
        waited = {need for name in names for need in load_stack(ROOT / "stack.toml").services[name].needs}
        assert set(roles["needs"][role]) == {roles["roleOf"][need] for need in waited} - {role}
