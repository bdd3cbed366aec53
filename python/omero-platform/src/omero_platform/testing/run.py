"""Running the tests themselves, and the summary at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from omero_platform.testing.report import REPORT_VARIABLE

SOAK_TIMEOUT_SECONDS = 3600
# How pytest ends when it found nothing to run.
NO_TESTS = 5


@dataclass(frozen=True)
class PytestRun:
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


def by_distribution(paths: list[str]) -> dict[str, list[str]]:
    """Paths of tests, grouped by the distribution they belong to, in the order they came."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        parts = Path(path.partition("::")[0]).parts
        name = parts[parts.index("python") + 1] if "python" in parts[:-1] else ""
        groups.setdefault(name, []).append(path)
    return groups


def run_tests(root: Path, paths: list[str], *, soak: bool) -> PytestRun:
    """Run pytest with its own output; everything but the long runs unless those are asked for.

    Each distribution has a process of its own: a process can have only one Django, and one `tests` package.
    """
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        coverage = Path(folder) / "coverage"
        for name, chosen in by_distribution(paths or test_folders(root)).items():
            print(f"\n{name or 'tests'}:", flush=True)  # noqa: T201 - between the lines that pytest prints
            options = _options(chosen, soak=soak)
            if not paths:
                options += [
                    "--cov-append",
                    "--cov-report=",
                    *(f"--cov={package}" for package in packages(root)),
                ]
            runs.append(_run_pytest(root, [*chosen, *options], Path(folder), coverage))
        if not paths:
            _report_coverage(root, coverage)
    return joined(runs)


def _options(paths: list[str], *, soak: bool) -> list[str]:
    if soak:
        return ["--timeout", str(SOAK_TIMEOUT_SECONDS)]
    return [] if any("::" in path for path in paths) else ["-m", "not soak"]


def _run_pytest(root: Path, arguments: list[str], folder: Path, coverage: Path) -> PytestRun:
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    environment = {**os.environ, REPORT_VARIABLE: str(report), "COVERAGE_FILE": str(coverage)}
    command = [sys.executable, "-P", "-m", "pytest", "-p", "omero_platform.testing.report", *arguments]
    exit_code = subprocess.run(
        command, cwd=root, stdin=subprocess.DEVNULL, env=environment, check=False
    ).returncode
    counts = json.loads(report.read_text()) if report.exists() else {}
    return PytestRun(exit_code, **counts)


def _report_coverage(root: Path, coverage: Path) -> None:
    command = [sys.executable, "-P", "-m", "coverage", "report", "--format=total"]
    environment = {**os.environ, "COVERAGE_FILE": str(coverage)}
    total = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)
    print(f"\nCovered by these tests: {total.stdout.strip() or 'unknown'} % of lines and branches")  # noqa: T201


def joined(runs: list[PytestRun]) -> PytestRun:
    """All runs as one: it failed if any did, also by a signal; a distribution without tests is no failure."""
    codes = [abs(run.exit_code) for run in runs if run.exit_code != NO_TESTS]
    counts: list[Counter[str]] = [Counter(), Counter(), Counter()]
    for run in runs:
        for total, part in zip(counts, (run.outcomes, run.skipped, run.deselected), strict=True):
            total.update(part)
    return PytestRun(max(codes, default=NO_TESTS), *(dict(total) for total in counts))


def summary(run: PytestRun) -> list[str]:
    """What was left out and what would run it, then the counts in pytest's own words."""
    lines = [f"Skipped {count}: {reason}" for reason, count in sorted(run.skipped.items())]
    if soak := run.deselected.get("soak"):
        lines.append(f"Left out {soak} long runs; they run with: ./omero-platform test --soak")
    failed = run.count("failed") + run.count("errors")
    left_out = run.count("skipped") + sum(run.deselected.values())
    lines.append(f"{run.count('passed')} passed, {failed} failed, {left_out} skipped")
    return lines
