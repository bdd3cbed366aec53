"""Running the tests themselves, and the summary at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from omero_platform.testing.report import REPORT_VARIABLE

SOAK_TIMEOUT_SECONDS = 3600


@dataclass(frozen=True)
class TestRun:
    """What pytest did."""

    exit_code: int
    outcomes: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    deselected: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: str) -> int:
        """How many tests ended this way."""
        return self.outcomes.get(outcome, 0)


def test_folders(root: Path) -> list[str]:
    """The tests of every distribution."""
    return sorted(
        str(path.relative_to(root)) for path in root.glob("python/*/tests") if any(path.rglob("test_*.py"))
    )


def packages(root: Path) -> list[str]:
    """The packages whose coverage is measured."""
    return sorted(path.name for path in root.glob("python/*/src/*") if (path / "__init__.py").exists())


def run_tests(root: Path, paths: list[str], *, soak: bool) -> TestRun:
    """Run pytest with its own output; everything but the long runs unless those are asked for."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "pytest",
        "-p",
        "omero_platform.testing.report",
        *(paths or test_folders(root)),
    ]
    if soak:
        command += ["--timeout", str(SOAK_TIMEOUT_SECONDS)]
    elif not any("::" in path for path in paths):
        command += ["-m", "not soak"]
    if not paths:
        command += [option for name in packages(root) for option in ("--cov", name)]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        environment = {
            **os.environ,
            REPORT_VARIABLE: str(report),
            "COVERAGE_FILE": str(Path(folder) / "coverage"),
        }
        exit_code = subprocess.run(
            command, cwd=root, stdin=subprocess.DEVNULL, env=environment, check=False
        ).returncode
        counts = json.loads(report.read_text()) if report.exists() else {}
    return TestRun(exit_code, **counts)


def summary(run: TestRun) -> list[str]:
    """What was left out and what would run it, then the counts in pytest's own words."""
    lines = [f"Skipped {count}: {reason}" for reason, count in sorted(run.skipped.items())]
    if soak := run.deselected.get("soak"):
        lines.append(f"Left out {soak} long runs; they run with: ./omero-platform test --soak")
    failed = run.count("failed") + run.count("errors")
    left_out = run.count("skipped") + sum(run.deselected.values())
    lines.append(f"{run.count('passed')} passed, {failed} failed, {left_out} skipped")
    return lines
