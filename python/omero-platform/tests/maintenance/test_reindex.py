"""REINDEX CONCURRENTLY: wasted space comes back, long transactions are respected, leftovers are cleared out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.maintenance.bloat import Index, indexes
from omero_platform.maintenance.reindex import reindex_database
from omero_platform.maintenance.vacuum import vacuum_database

if TYPE_CHECKING:
    from omero_platform.maintenance.databases import DatabaseAddress
    from omero_platform.maintenance.outcome import Outcome


def by_name(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {outcome.name: outcome for outcome in outcomes}


def index_names(cursor: Any) -> set[str]:
    return {index.name for index in indexes(cursor)}


def test_a_bloated_index_shrinks_and_a_sound_one_is_left_alone(
    address: DatabaseAddress, bloated: Any
) -> None:
    vacuum_database(address, lock_seconds=5)
    found = by_name(reindex_database(address, lock_seconds=5))
    name = found["public.image_name"]
    assert name.state == "done"
    assert name.bytes_after < name.bytes_before / 4
    assert found["public.calm_pkey"].state == "skipped"
    assert {outcome.state for outcome in reindex_database(address, lock_seconds=5)} == {"skipped"}


def test_the_estimate_is_near_the_truth(address: DatabaseAddress, bloated: Any) -> None:
    vacuum_database(address, lock_seconds=5)
    estimates = {index.name: index.ideal_bytes for index in indexes(bloated)}
    for outcome in reindex_database(address, lock_seconds=5, force=True):
        real = outcome.bytes_after
        assert estimates[outcome.name.partition(".")[2]] / real < 1.5, outcome
        assert real - estimates[outcome.name.partition(".")[2]] < 0.3 * real + 16384, outcome


def test_a_long_transaction_is_not_waited_for_and_leaves_no_half_built_index(
    address: DatabaseAddress, bloated: Any
) -> None:
    vacuum_database(address, lock_seconds=5)
    before = index_names(bloated)
    alice = address.connect()
    alice.autocommit = False
    with alice.cursor() as cursor:
        cursor.execute("UPDATE image SET name = 'mitosis' WHERE id = 10")
        found = by_name(reindex_database(address, lock_seconds=0.3))
        cursor.execute("UPDATE image SET name = 'nucleus' WHERE id = 20")
    alice.commit()
    alice.close()
    assert found["public.image_name"].state == "busy"
    assert "still open" in found["public.image_name"].reason
    after = by_name(reindex_database(address, lock_seconds=5))
    assert after["public.image_name"].state == "done"
    assert index_names(bloated) == before
    assert all(index.valid for index in indexes(bloated))
    bloated.execute("SELECT count(*) FROM image WHERE name IN ('mitosis', 'nucleus')")
    assert bloated.fetchone()[0] == 2


def test_what_an_interrupted_run_left_behind_is_dropped(address: DatabaseAddress, bloated: Any) -> None:
    bloated.execute("CREATE INDEX image_name_ccnew ON image (name)")
    bloated.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'image_name_ccnew'::regclass")
    planned = by_name(reindex_database(address, lock_seconds=5, dry_run=True))
    assert planned["public.image_name_ccnew"].state == "planned"
    found = by_name(reindex_database(address, lock_seconds=5))
    assert (found["public.image_name_ccnew"].action, found["public.image_name_ccnew"].state) == (
        "drop",
        "done",
    )
    assert "image_name_ccnew" not in index_names(bloated)


def test_an_index_that_someone_wants_but_is_invalid_is_built_anew(
    address: DatabaseAddress, bloated: Any
) -> None:
    bloated.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'image_name'::regclass")
    assert by_name(reindex_database(address, lock_seconds=5))["public.image_name"].state == "done"
    assert all(index.valid for index in indexes(bloated))


def test_an_index_of_another_kind_or_never_counted_is_not_guessed_at() -> None:
    big = {
        "schema": "public",
        "name": "i",
        "table": "t",
        "valid": True,
        "size_bytes": 10**9,
        "entry_bytes": 8,
    }
    assert not Index(method="gin", entries=10.0, **big).need()  # type: ignore[arg-type]
    assert not Index(method="btree", entries=-1.0, **big).need()  # type: ignore[arg-type]
    assert Index(method="btree", entries=10.0, **big).need()  # type: ignore[arg-type]
