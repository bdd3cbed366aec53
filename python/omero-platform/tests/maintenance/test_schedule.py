"""When tasks are due: time zone, summer time, the first Sunday of the month, missed dates and second tries."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from omero_platform.maintenance.heartbeat import Heartbeat
from omero_platform.maintenance.schedule import Task, is_due, latest
from omero_platform.stack import Daily, Weekly

ZURICH = ZoneInfo("Europe/Zurich")
VACUUM = Weekly(weekday="Sunday", time="03:00")
REINDEX = Weekly(weekday="Sunday", time="04:00", week_of_month=1)


def zurich(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH)


@pytest.mark.parametrize(
    ("when", "now", "expected"),
    [
        (VACUUM, "2026-11-22T02:59", "2026-11-15T03:00"),
        (VACUUM, "2026-11-22T03:00", "2026-11-22T03:00"),
        (VACUUM, "2026-11-27T12:00", "2026-11-22T03:00"),
        (REINDEX, "2026-11-30T12:00", "2026-11-01T04:00"),
        (REINDEX, "2026-12-06T04:00", "2026-12-06T04:00"),
        (REINDEX, "2026-03-01T03:59", "2026-02-01T04:00"),
        (Daily(time="01:30"), "2026-01-01T00:10", "2025-12-31T01:30"),
    ],
)
def test_the_last_date_is_found(when: Weekly | Daily, now: str, expected: str) -> None:
    assert latest(when, ZURICH, zurich(now)) == zurich(expected)


def test_the_zone_of_the_stack_counts_not_utc() -> None:
    assert latest(VACUUM, ZURICH, datetime(2026, 7, 5, 1, 0, tzinfo=UTC)) == zurich("2026-07-05T03:00")
    assert latest(VACUUM, ZURICH, datetime(2026, 12, 6, 1, 59, tzinfo=UTC)) == zurich("2026-11-29T03:00")


def test_a_time_that_summer_time_skips_still_comes_once() -> None:
    skipped = Daily(time="02:30")  # on 29 March 2026 clocks go from 02:00 to 03:00
    before, after = datetime(2026, 3, 29, 1, 29, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert latest(skipped, ZURICH, before) == zurich("2026-03-28T02:30")
    assert latest(skipped, ZURICH, after).date().isoformat() == "2026-03-29"


def test_a_time_that_comes_twice_counts_once() -> None:
    task = Task("backup", Daily(time="02:30"), ())  # on 25 October 2026 clocks go from 03:00 back to 02:00
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert is_due(task, Heartbeat(last_success=0.0), ZURICH, first)
    second = datetime(2026, 10, 25, 1, 31, tzinfo=UTC)
    assert not is_due(task, Heartbeat(first.timestamp() + 5), ZURICH, second)


def test_a_missed_date_is_made_up_for() -> None:
    task = Task("vacuum_analyze", VACUUM, ())
    monday = zurich("2026-11-23T09:00")
    assert is_due(task, Heartbeat(zurich("2026-11-20T00:00").timestamp()), ZURICH, monday)
    assert not is_due(task, Heartbeat(zurich("2026-11-22T03:01").timestamp()), ZURICH, monday)


def test_a_failed_run_is_tried_again_each_hour_but_not_all_day() -> None:
    task = Task("vacuum_analyze", VACUUM, ())
    failed = Heartbeat(
        zurich("2026-11-15T03:00").timestamp(), zurich("2026-11-22T03:05").timestamp(), ok=False
    )
    assert not is_due(task, failed, ZURICH, zurich("2026-11-22T03:30"))
    assert is_due(task, failed, ZURICH, zurich("2026-11-22T04:06"))
    assert not is_due(task, failed, ZURICH, zurich("2026-11-22T14:00"))
    assert is_due(task, failed, ZURICH, zurich("2026-11-29T03:00"))
