"""A whole run: alone, with a heartbeat, and with messages that say what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform.errors import PlatformError
from omero_platform.maintenance.databases import BusyError, databases_from, looked_after
from omero_platform.maintenance.heartbeat import METRICS, read_heartbeats
from omero_platform.maintenance.run import maintain
from omero_plugin_common.testing.servers import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.maintenance.databases import DatabaseAddress

BOTH = ["vacuum_analyze", "reindex"]
VARIABLES = {
    f"{prefix}_{part}": value
    for prefix in ("OMERO_DB", "PLUGIN_DB")
    for part, value in {"HOST": "db", "PORT": "5432", "NAME": "omero", "USER": "omero", "PASS": "x"}.items()
}


def test_a_good_run_leaves_a_heartbeat_for_each_action(
    address: DatabaseAddress, bloated: Any, tmp_path: Path
) -> None:
    assert all(outcome.ok for outcome in maintain([address], BOTH, tmp_path))
    beats = read_heartbeats(tmp_path)
    assert all(beats[action].ok and beats[action].last_success == beats[action].last_run for action in BOTH)
    metrics = (tmp_path / METRICS).read_text()
    assert 'omero_care_last_run_ok{task="reindex"} 1.0' in metrics
    assert (
        f'omero_care_last_success_timestamp_seconds{{task="reindex"}} {beats["reindex"].last_success!r}'
        in metrics
    )


def test_a_run_that_left_something_undone_says_so(
    address: DatabaseAddress, bloated: Any, tmp_path: Path
) -> None:
    alice = address.connect()
    alice.autocommit = False
    with alice.cursor() as cursor:
        cursor.execute("LOCK TABLE image IN ACCESS EXCLUSIVE MODE")
        maintain([address], ["vacuum_analyze"], tmp_path, lock_seconds=0.1)
    alice.close()
    beat = read_heartbeats(tmp_path)["vacuum_analyze"]
    assert not beat.ok
    assert "public.image: somebody has locked it" in beat.detail


def test_two_runs_never_overlap(address: DatabaseAddress, bloated: Any, tmp_path: Path) -> None:
    with looked_after(address), pytest.raises(BusyError, match="Another maintenance or backup"):
        maintain([address], BOTH, tmp_path)
    assert not read_heartbeats(tmp_path)
    assert maintain([address], BOTH, tmp_path)


def test_a_dry_run_leaves_no_heartbeat(address: DatabaseAddress, bloated: Any, tmp_path: Path) -> None:
    maintain([address], BOTH, tmp_path, dry_run=True)
    assert not read_heartbeats(tmp_path)


def test_a_database_that_is_away_is_a_failed_run(address: DatabaseAddress, tmp_path: Path) -> None:
    away = replace(address, port=free_port())
    with pytest.raises(PlatformError, match="database does not answer at"):
        maintain([away], ["reindex"], tmp_path, ready_seconds=0.2)
    assert not read_heartbeats(tmp_path)["reindex"].ok


def test_all_missing_variables_are_named_at_once() -> None:
    some = {name: value for name, value in VARIABLES.items() if not name.endswith(("_PORT", "_PASS"))}
    with pytest.raises(PlatformError) as refused:
        databases_from(some)
    for name in ("OMERO_DB_PORT", "OMERO_DB_PASS (or OMERO_DB_PASS_FILE)", "PLUGIN_DB_PORT"):
        assert name in str(refused.value)
    assert "cron" in refused.value.advice


def test_passwords_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("sesame\n")
    told = {**VARIABLES, "PLUGIN_DB_PASS": "", "PLUGIN_DB_PASS_FILE": str(tmp_path / "secret")}
    first, second = databases_from(told)
    assert (first.service, second.service) == ("database", "database_plugin")
    assert second.password == "sesame"
    assert "sesame" not in repr(second)


def test_a_port_that_is_no_number_is_refused() -> None:
    with pytest.raises(PlatformError, match="OMERO_DB_PORT must be a port number, not 'abc'"):
        databases_from({**VARIABLES, "OMERO_DB_PORT": "abc"})
