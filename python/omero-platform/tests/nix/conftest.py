"""Evaluating the Nix files that need only builtins, with the distribution's Nix."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform.instance import source_root

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = source_root()
PROGRAM = shutil.which("nix-instantiate")


def run_nix(expression: str, **arguments: str) -> subprocess.CompletedProcess[str]:
    """Evaluate an expression without a store, so that nothing is written anywhere; arguments are strings."""
    assert PROGRAM
    strings = [word for name, value in arguments.items() for word in ("--argstr", name, value)]
    return subprocess.run(
        [PROGRAM, "--store", "dummy://", "--eval", "--strict", "--json", *strings, "--expr", expression],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def evaluate() -> Callable[..., Any]:
    """The value of a Nix expression, as JSON has it."""
    if PROGRAM is None:
        pytest.skip("Nix is not installed (Debian: apt-get install nix-bin)")

    def value(expression: str, **arguments: str) -> Any:
        result = run_nix(expression, **arguments)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return value


@pytest.fixture
def refuse() -> Callable[..., str]:
    """What Nix says about an expression that must not evaluate."""
    if PROGRAM is None:
        pytest.skip("Nix is not installed (Debian: apt-get install nix-bin)")

    def complaint(expression: str, **arguments: str) -> str:
        result = run_nix(expression, **arguments)
        assert result.returncode != 0, result.stdout
        return result.stderr

    return complaint
