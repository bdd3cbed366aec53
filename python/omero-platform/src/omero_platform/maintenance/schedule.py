"""When a task is due, in the platform's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from omero_platform.stack import Weekly

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from omero_platform.maintenance.heartbeat import Heartbeat
    from omero_platform.stack import Daily, Stack

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RETRY_SECONDS = 3600
RETRY_WINDOW_SECONDS = 6 * 3600  # a task that still fails then waits for its next date
LOOK_BACK_DAYS = 62  # two months hold a date of every schedule


@dataclass(frozen=True)
class Task:
    """Something that is done again and again: its heartbeat's name, when, and the command's words."""

    name: str
    when: Weekly | Daily
    words: tuple[str, ...]


def tasks(stack: Stack) -> list[Task]:
    """Everything that `stack.toml` schedules; what is due at the same time runs in this order."""
    return [
        Task("backup", stack.backup.make, ("backup",)),
        Task("vacuum_analyze", stack.maintenance.vacuum_analyze, ("maintain", "vacuum")),
        Task("reindex", stack.maintenance.reindex, ("maintain", "reindex")),
        Task("verify", stack.backup.verify, ("verify",)),
    ]


def falls_on(when: Weekly | Daily, day: date) -> bool:
    """Whether a schedule has this day."""
    if not isinstance(when, Weekly):
        return True
    right_week = when.week_of_month is None or (day.day - 1) // 7 + 1 == when.week_of_month
    return right_week and WEEKDAYS[day.weekday()] == when.weekday


def latest(when: Weekly | Daily, zone: ZoneInfo, now: datetime) -> datetime:
    """The last time, up to now, that a schedule named.

    In the hour that summer time skips, it is the moment the clock would have shown; in the hour that comes twice, the first.
    """
    hour, minute = (int(part) for part in when.time.split(":"))
    today = now.astimezone(zone).date()
    for back in range(LOOK_BACK_DAYS):
        day = today - timedelta(days=back)
        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        if falls_on(when, day) and moment.timestamp() <= now.timestamp():
            return moment
    raise ValueError(f"no date for {when} within {LOOK_BACK_DAYS} days")


def is_due(task: Task, beat: Heartbeat, zone: ZoneInfo, now: datetime) -> bool:
    """Whether a task should run: its date has come since it last ran, or it failed and may be tried again.

    A date that was missed, because the machine was off, is made up for.
    """
    date_of = latest(task.when, zone, now).timestamp()
    if max(beat.last_success, beat.last_run) < date_of:
        return True
    failed = not beat.ok and beat.last_success < date_of
    since = now.timestamp()
    return failed and since - beat.last_run >= RETRY_SECONDS and since - date_of <= RETRY_WINDOW_SECONDS
