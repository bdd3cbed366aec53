"""Which backups stay: the last of each day, week and month, for as long as was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from omero_platform.stack import Keep


def kept(times: Iterable[datetime], keep: Keep) -> set[datetime]:
    """The backups to keep; the newest two always, then the last of as many days, weeks and months as there are backups of."""
    newest_first = sorted(times, reverse=True)
    chosen = set(newest_first[:2])
    rules: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (keep.days, lambda time: time.date()),
        (keep.weeks, lambda time: time.isocalendar()[:2]),
        (keep.months, lambda time: (time.year, time.month)),
    )
    for count, period in rules:
        periods: list[object] = []
        for time in newest_first:
            if period(time) not in periods and len(periods) < count:
                periods.append(period(time))
                chosen.add(time)
    return chosen
