"""Whether more data may come into a group."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omero_plugin_common.quota.check import QuotaLevel, check, judge, record_growth, size
from omero_plugin_common.quota.state import QuotaState, locked, write_state

GB = 1024**3
STATE = QuotaState(quotas_gb={"lab": 1})


@given(st.integers(0, 3 * GB), st.integers(0, 3 * GB))
def test_what_is_allowed_fits(used, incoming):
    verdict = judge(STATE, "lab", used, incoming)
    assert verdict.allowed == (used < GB and used + incoming <= GB)
    assert bool(verdict.message) == (verdict.level in (QuotaLevel.WARN, QuotaLevel.FULL))


def test_a_group_without_a_quota_may_take_anything():
    assert judge(STATE, "others", 10 * GB, 10 * GB).level is QuotaLevel.NONE


def test_growth_since_the_last_measurement_counts(tmp_path):
    path = tmp_path / "group-quotas.json"
    with locked(path):
        write_state(path, STATE)
    assert check("lab", GB, path=path).allowed
    record_growth("lab", GB // 2, path=path)
    refused = check("lab", GB, path=path)
    assert not refused.allowed
    assert refused.free_bytes == GB // 2
    assert "512.0 MiB" in refused.message


def test_a_damaged_file_stops_nobody(tmp_path):
    path = tmp_path / "group-quotas.json"
    path.write_text("{")
    assert check("lab", GB, path=path).allowed


def test_sizes_are_written_as_people_read_them():
    assert [size(number) for number in (0, 1023, 1536, 5 * GB)] == ["0 B", "1023 B", "1.5 KiB", "5.0 GiB"]
