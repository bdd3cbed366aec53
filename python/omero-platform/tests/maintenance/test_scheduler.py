"""The scheduler with a clock that the test moves, doing real maintenance in a real database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from omero_platform.maintenance.heartbeat import read_heartbeats
from omero_platform.maintenance.run import maintain
from omero_platform.maintenance.schedule import tasks
from omero_platform.maintenance.scheduler import TIMED_OUT, Scheduler, exit_code
from omero_platform.stack import load_stack

from ..conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.maintenance.databases import DatabaseAddress
    from omero_platform.maintenance.schedule import Task

ZURICH = ZoneInfo("Europe/Zurich")


@dataclass
class Clock:
    """Tells the time that the test set."""

    now: datetime

    def __call__(self) -> float:
        return self.now.timestamp()


def test_six_weeks_of_maintenance_happen_on_the_dates_of_the_stack(
    address: DatabaseAddress, bloated: Any, tmp_path: Path
) -> None:
    clock = Clock(datetime(2026, 11, 18, 12, 0, tzinfo=UTC))
    ran: list[tuple[str, str]] = []

    def run(task: Task) -> bool:
        if task.name not in {"vacuum_analyze", "reindex"}:
            return True
        ran.append((task.name, clock.now.astimezone(ZURICH).strftime("%Y-%m-%d %H:%M")))
        bloated.execute("UPDATE image SET name = name || 'x'")
        bloated.execute("SELECT pg_stat_force_next_flush()")
        return all(outcome.ok for outcome in maintain([address], [task.name], tmp_path, clock=clock))

    stack = load_stack(ROOT / "stack.toml")
    scheduler = Scheduler(tasks(stack), ZURICH, tmp_path, clock, run)
    while clock.now < datetime(2026, 12, 29, tzinfo=UTC):
        scheduler.tick()
        clock.now += timedelta(minutes=60)
    sundays = ["2026-11-22", "2026-11-29", "2026-12-06", "2026-12-13", "2026-12-20", "2026-12-27"]
    assert [when for name, when in ran if name == "vacuum_analyze"] == [f"{day} 03:00" for day in sundays]
    assert [when for name, when in ran if name == "reindex"] == ["2026-12-06 04:00"]
    beats = read_heartbeats(tmp_path)
    assert beats["reindex"].last_success == datetime(2026, 12, 6, 3, 0, tzinfo=UTC).timestamp()
    assert beats["backup"].ok


def test_a_task_whose_command_dies_counts_as_failed(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    scheduler = Scheduler(
        [task for task in tasks(load_stack(ROOT / "stack.toml")) if task.name == "reindex"],
        ZURICH, tmp_path, clock, lambda _task: False,
    )  # fmt: skip
    assert scheduler.tick() == []
    clock.now = datetime(2026, 12, 6, 5, 0, tzinfo=UTC)
    assert scheduler.tick() == ["reindex"]
    assert scheduler.tick() == []
    beat = read_heartbeats(tmp_path)["reindex"]
    assert not beat.ok
    assert beat.last_success < beat.last_run


def test_a_command_that_hangs_is_ended_and_counts_as_failed() -> None:
    assert exit_code(["sleep", "600"], longest_seconds=0.2) == TIMED_OUT
    assert exit_code(["true"]) == 0
