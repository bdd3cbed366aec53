"""Whether more data may come into a group."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omero_plugin_common.quota.check import QuotaLevel, check, judge, record_growth, size
from omero_plugin_common.quota.remembered import SETTLED_NS, Remembered
from omero_plugin_common.quota.state import QuotaState, locked, write_state
from omero_plugin_common.testing.servers import wait_until

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


def settle(path):
    """Make a file look as old as files that nobody is writing."""
    wait_until(lambda: time.time_ns() - path.stat().st_ctime_ns > 2 * SETTLED_NS, "the file growing old")


@pytest.fixture
def counted():
    """Reads files as numbers and counts how often."""
    reads = []

    def read(path):
        reads.append(path)
        return int(path.read_text())

    return Remembered(read), reads


def test_a_file_that_stays_is_read_once(tmp_path, counted):
    remembered, reads = counted
    path = tmp_path / "number"
    path.write_text("1")
    settle(path)
    assert [remembered(path) for _ in range(5)] == [1] * 5
    assert len(reads) == 1


def test_a_file_that_is_replaced_changed_or_removed_is_read_again(tmp_path, counted):
    remembered, _ = counted
    path, draft = tmp_path / "number", tmp_path / "draft"
    path.write_text("1")
    settle(path)
    assert remembered(path) == 1
    draft.write_text("2")
    os.utime(draft, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    draft.replace(path)
    assert remembered(path) == 2
    settle(path)
    assert remembered(path) == 2
    path.write_text("3")
    assert remembered(path) == 3
    path.unlink()
    with pytest.raises(FileNotFoundError):
        remembered(path)


def test_changes_in_one_tick_of_the_clock_are_seen(tmp_path, counted):
    remembered, _ = counted
    path = tmp_path / "number"
    for number in range(10, 90):
        path.write_text(str(number))
        assert remembered(path) == number


def test_a_file_that_cannot_be_read_is_tried_again(tmp_path, counted):
    remembered, reads = counted
    path = tmp_path / "number"
    path.write_text("x")
    settle(path)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            remembered(path)
    assert len(reads) == 2


def test_another_process_changes_a_quota_and_the_next_question_hears_it(tmp_path):
    path = tmp_path / "group-quotas.json"
    with locked(path):
        write_state(path, STATE)
    settle(path)
    assert check("lab", GB, path=path).allowed
    script = (
        "import sys; from pathlib import Path; from omero_plugin_common.quota.state import QuotaState, write_state; "
        "write_state(Path(sys.argv[1]), QuotaState(quotas_gb={'lab': 0.5}))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, env=environment)
    assert not check("lab", GB, path=path).allowed
