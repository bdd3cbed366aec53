"""Running chosen scripts: all their checks side by side, with an end to waiting, each result with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_plugin_common.checks.bounded import Bounded, Timed
from omero_plugin_common.checks.findings import Status, worst
from omeroweb_admin_tools.services.diagnostics.checks import SCRIPTS, Check, Checks

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_SECONDS = 60.0


def run(scripts: Sequence[str], checks: Checks, seconds: float = LONGEST_SECONDS) -> list[dict[str, Any]]:
    """Return one result per script; a check that several scripts share runs once."""
    known = {script.id for script in SCRIPTS}
    wanted = {script: checks.of(script) for script in scripts if script in known}
    every = {check.id: check.run for found in wanted.values() for check in found}
    done = Bounded().run(every, seconds)
    return [
        _result(script, wanted[script], done) if script in wanted else _unknown(script) for script in scripts
    ]


def _result(script: str, checks: list[Check], done: dict[str, Timed]) -> dict[str, Any]:
    rows = [_row(check, done[check.id]) for check in checks]
    statuses = [Status(row["status"]) for row in rows]
    counts = {status.value: statuses.count(status) for status in Status}
    return {
        "script_id": script,
        "status": worst(statuses).value,
        "summary": {**counts, "total": len(rows)},
        "checks": rows,
    }


def _row(check: Check, timed: Timed) -> dict[str, Any]:
    finding = timed.finding
    return {
        "check_id": check.id,
        "label": check.label,
        "status": finding.status.value,
        "duration_ms": round(timed.milliseconds, 1),
        "summary": finding.summary,
        "details": finding.details,
        "advice": finding.advice,
    }


def _unknown(script: str) -> dict[str, Any]:
    return {
        "script_id": script,
        "status": Status.FAIL.value,
        "summary": {"pass": 0, "warn": 0, "fail": 1, "total": 1},
        "checks": [],
        "error": f"There is no script {script!r}. Known: {', '.join(found.id for found in SCRIPTS)}.",
    }
