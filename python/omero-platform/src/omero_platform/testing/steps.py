"""The checks that run before the tests: format, lint, types, imports, generated tables, scripts in checks/."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A check: its name and the command that fails when something is wrong."""

    name: str
    command: list[str]


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    step: Step
    passed: bool
    seconds: float
    output: str


def static_steps(root: Path) -> list[Step]:
    """All checks, the slow ones first so that they overlap with the others."""
    tools = Path(sys.executable).parent
    sources = sorted(str(path.relative_to(root)) for path in root.glob("python/*/src"))
    steps = [
        Step("types (mypy)", [str(tools / "mypy"), *sources]),
        Step(
            "imports (import-linter)",
            [
                sys.executable,
                "-P",
                "-c",
                "from importlinter.cli import lint_imports_command; lint_imports_command()",
            ],
        ),
        Step("format (ruff format)", [str(tools / "ruff"), "format", "--check", "."]),
        Step("lint (ruff check)", [str(tools / "ruff"), "check", "."]),
        Step("generated tables", [sys.executable, "-P", "-m", "omero_platform", "table", "--check"]),
        Step("bootstrap script (sh -n)", ["sh", "-n", "omero-platform"]),
        Step("other packages' tests (checks/third_party)", [sys.executable, "checks/third_party"]),
    ]
    scripts = sorted(root.glob("checks/*.py"))
    return steps + [Step(f"checks/{path.name}", [sys.executable, str(path)]) for path in scripts]


def run_step(root: Path, step: Step) -> Outcome:
    """Run one check."""
    began = time.monotonic()
    result = subprocess.run(
        step.command,
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(step, result.returncode == 0, time.monotonic() - began, result.stdout)
