"""A pytest plugin that writes down what ran, so that the test command can end with a summary."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

REPORT_VARIABLE = "OMERO_PLATFORM_TEST_REPORT"

_outcomes: Counter[str] = Counter()
_skip_reasons: Counter[str] = Counter()
_deselected: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count each test once; a test whose set-up or clean-up breaks has failed."""
    if report.failed:
        _outcomes["failed" if report.when == "call" else "errors"] += 1
    elif report.skipped:
        _outcomes["skipped"] += 1
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _skip_reasons[reason.removeprefix("Skipped: ")] += 1
    elif report.when == "call":
        _outcomes["passed"] += 1


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that cannot be loaded is a failure; a file that skips itself counts as one skipped test."""
    if report.failed:
        _outcomes["errors"] += 1
    elif report.skipped:
        _outcomes["skipped"] += 1
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _skip_reasons[reason.removeprefix("Skipped: ")] += 1


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Remember what was left out, by marker."""
    for item in items:
        _deselected["soak" if item.get_closest_marker("soak") else "other"] += 1


def pytest_sessionfinish() -> None:
    """Write the counts where the test command looks for them."""
    target = os.environ.get(REPORT_VARIABLE)
    if target:
        counts = {"outcomes": _outcomes, "skipped": _skip_reasons, "deselected": _deselected}
        Path(target).write_text(json.dumps(counts))
