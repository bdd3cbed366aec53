"""VACUUM: what needs it is cleaned up, the rest is left alone, and nobody waits for a lock for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.maintenance.vacuum import Table, vacuum_database

if TYPE_CHECKING:
    from omero_platform.maintenance.databases import DatabaseAddress
    from omero_platform.maintenance.outcome import Outcome


def by_name(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {outcome.name: outcome for outcome in outcomes}


def test_dead_rows_are_cleaned_up_and_counted(address: DatabaseAddress, bloated: Any) -> None:
    found = by_name(vacuum_database(address, lock_seconds=5))
    image = found["public.image"]
    assert image.state == "done"
    assert image.dead_rows_before == 36_000
    assert image.dead_rows_after == 0
    assert "36000 of 40000 rows are dead" in image.reason
    assert found["public.calm"].state == "skipped"


def test_a_second_run_finds_nothing_to_do(address: DatabaseAddress, bloated: Any) -> None:
    vacuum_database(address, lock_seconds=5)
    assert {outcome.state for outcome in vacuum_database(address, lock_seconds=5)} == {"skipped"}
    forced = vacuum_database(address, lock_seconds=5, force=True)
    assert {outcome.state for outcome in forced} == {"done"}


def test_a_dry_run_changes_nothing(address: DatabaseAddress, bloated: Any) -> None:
    planned = by_name(vacuum_database(address, lock_seconds=5, dry_run=True))
    assert planned["public.image"].state == "planned"
    assert by_name(vacuum_database(address, lock_seconds=5))["public.image"].dead_rows_before == 36_000


def test_a_table_that_alice_has_locked_is_reported_and_the_others_are_done(
    address: DatabaseAddress, bloated: Any
) -> None:
    bloated.execute("DELETE FROM calm WHERE id > 100")
    bloated.execute("SELECT pg_stat_force_next_flush()")
    alice = address.connect()
    alice.autocommit = False
    with alice.cursor() as cursor:
        cursor.execute("LOCK TABLE image IN ACCESS EXCLUSIVE MODE")
        found = by_name(vacuum_database(address, lock_seconds=0.2))
    alice.close()
    assert found["public.image"].state == "busy"
    assert not found["public.image"].ok
    assert found["public.calm"].state == "done"
    assert by_name(vacuum_database(address, lock_seconds=5))["public.image"].dead_rows_after == 0


def test_a_long_read_only_transaction_is_left_alone(address: DatabaseAddress, bloated: Any) -> None:
    alice = address.connect()
    alice.autocommit = False
    with alice.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM image")
        assert by_name(vacuum_database(address, lock_seconds=2))["public.image"].state == "done"
        cursor.execute("SELECT count(*) FROM image")
        assert cursor.fetchone()[0] == 4_000
    alice.close()


def table(**changes: Any) -> Table:
    values = {
        "live_rows": 1000, "dead_rows": 0, "changed_rows": 0, "inserted_rows": 0, "never_analysed": False, "size_bytes": 0,
    }  # fmt: skip
    return Table("public", "image", **{**values, **changes})


def test_few_dead_rows_are_not_worth_a_vacuum() -> None:
    assert table(dead_rows=51).need()
    assert not table(dead_rows=20).need()
    assert not table(live_rows=1_000_000, dead_rows=1000).need()
    assert not table(live_rows=0, never_analysed=True).need()
    assert table(never_analysed=True).need()
    assert table(changed_rows=100).need()
    assert table(live_rows=10_000, inserted_rows=9000).need()
