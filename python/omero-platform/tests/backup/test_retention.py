"""Which backups stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from omero_platform.backup.retention import kept
from omero_platform.stack import Keep

from .conftest import NOON

KEEP = Keep(days=7, weeks=4, months=6)
times = st.sets(
    st.integers(0, 500 * 24 * 60).map(lambda minutes: NOON - timedelta(minutes=minutes)),
    min_size=1,
    max_size=60,
)


def test_a_year_of_daily_backups_shrinks_to_days_weeks_and_months() -> None:
    daily = [NOON - timedelta(days=day) for day in range(365)]
    stay = sorted(kept(daily, KEEP), reverse=True)
    assert stay[:7] == daily[:7]
    assert len(stay) <= 7 + 4 + 6
    assert (NOON - stay[-1]).days >= 140


@given(times)
def test_the_newest_two_always_stay_and_nothing_is_invented(times: set[datetime]) -> None:
    stay = kept(times, KEEP)
    assert stay <= times
    assert set(sorted(times)[-2:]) <= stay


@given(times)
def test_deleting_is_stable(times: set[datetime]) -> None:
    stay = kept(times, KEEP)
    assert kept(stay, KEEP) == stay


@given(times)
def test_backing_up_once_more_deletes_at_most_one_of_each_rule(times: set[datetime]) -> None:
    stay = kept(times, KEEP)
    assert len(stay - kept({*stay, NOON + timedelta(minutes=1)}, KEEP)) <= 4
