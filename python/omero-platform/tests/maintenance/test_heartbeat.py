"""Heartbeats: kept across runs, readable by the node exporter, and no crash over a damaged file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from omero_platform.maintenance.heartbeat import METRICS, STATE, TASKS, note_run, note_start, read_heartbeats

if TYPE_CHECKING:
    from pathlib import Path


def test_a_task_that_never_ran_counts_from_the_day_the_stack_was_made(tmp_path: Path) -> None:
    note_start(tmp_path, 1000.0)
    note_start(tmp_path, 2000.0)
    assert {beat.last_success for beat in read_heartbeats(tmp_path).values()} == {1000.0}


def test_a_failure_keeps_the_time_of_the_last_success(tmp_path: Path) -> None:
    note_run(tmp_path, "backup", 100.0, 110.0, ok=True)
    note_run(tmp_path, "backup", 200.0, 205.0, ok=False, detail="the disk is full")
    beat = read_heartbeats(tmp_path)["backup"]
    assert (beat.last_success, beat.last_run, beat.ok, beat.seconds) == (110.0, 205.0, False, 5.0)
    assert 'omero_care_last_run_ok{task="backup"} 0.0' in (tmp_path / METRICS).read_text()


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda task: note_run(tmp_path, task, 1.0, 2.0, ok=True), TASKS * 5))
    assert {beat.last_run for beat in read_heartbeats(tmp_path).values()} == {2.0}


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / STATE).write_text("{half")
    note_run(tmp_path, "verify", 1.0, 2.0, ok=True)
    assert read_heartbeats(tmp_path)["verify"].last_success == 2.0
