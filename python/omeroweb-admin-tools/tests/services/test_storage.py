"""Sums, forecasts and exports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from omeroweb_admin_tools.services.storage import disks
from omeroweb_admin_tools.services.storage.facts import Facts, Files, Group, User
from omeroweb_admin_tools.services.storage.figures import coldest, figures, largest
from omeroweb_admin_tools.services.storage.forecast import forecast
from omeroweb_admin_tools.services.storage.report import as_csv

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def facts() -> Facts:
    found = Facts(
        users={1: User("alice", "Alice A"), 2: User("bob", "=cmd()")}, groups={5: Group("lab", "Private")}
    )
    found.totals = {(1, 5): 1000}
    found.filesets = {
        10: Files(1, 5, "a/", 600, False),
        11: Files(1, 5, "b/", 300, True),
        -7: Files(1, 5, "", 50, False),
    }
    found.image_counts[1, 5] = 4
    found.images.update({10: 2, 11: 1, -7: 1})
    found.changed = {10: NOW, 11: NOW - timedelta(days=900), -7: NOW}
    found.projects = {9: ("Cells", 1, 5)}
    found.project_filesets[9] = {10, -7}
    return found


def rows(scope):
    return [row for row in figures(facts(), {10: 640}) if row.scope == scope]


def test_managed_in_place_other_and_disk_are_kept_apart():
    alice, bob = rows("user")
    assert (alice.managed_bytes, alice.in_place_bytes, alice.other_bytes, alice.disk_bytes) == (
        650,
        300,
        100,
        640,
    )
    assert (bob.managed_bytes, bob.images) == (0, 0)
    assert rows("group")[0].images == 4


def test_a_project_holds_the_imports_of_its_datasets():
    (project,) = rows("project")
    assert (project.project_name, project.managed_bytes, project.images, project.user_name) == (
        "Cells",
        650,
        3,
        "alice",
    )


def test_disk_is_unknown_where_the_repository_cannot_be_seen():
    assert disks.fileset_bytes(Path("/nowhere"), [(1, "a/")]) is None
    assert figures(facts(), None)[0].disk_bytes is None


def test_the_disk_is_walked_without_following_links_or_leaving_the_repository(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x").write_bytes(b"1" * 10_000)
    (tmp_path / "a" / "link").symlink_to("/usr")
    found = disks.fileset_bytes(tmp_path, [(1, "/a/"), (2, "../.."), (3, "gone/"), (4, "")])
    assert found is not None
    assert found[1] >= 10_000
    assert (found[2], found[3], found[4]) == (0, 0, 0)


def test_the_largest_and_the_coldest_imports_are_listed():
    assert [entry["bytes"] for entry in largest(facts())] == [600, 300, 50]
    assert coldest(facts(), NOW)[0]["in_place"] is True


def test_steady_growth_is_forecast_to_the_day():
    points = [(NOW + timedelta(days=day), 1000 + 10 * day) for day in range(30)]
    found = forecast(points, 500)
    assert found is not None
    assert round(found.bytes_per_day, 6) == 10
    assert found.full_at == points[-1][0] + timedelta(days=50)


def test_too_little_history_and_shrinking_give_no_date():
    assert forecast([(NOW, 1)], 10) is None
    shrinking = forecast([(NOW + timedelta(days=day), 100 - day) for day in range(5)], 10)
    assert shrinking is not None
    assert shrinking.full_at is None


def test_a_name_that_looks_like_a_formula_is_made_plain():
    row = {"username": "bob", "full_name": "=cmd()", "changed_at": None}
    row |= dict.fromkeys(
        ("images", "bytes", "managed_bytes", "in_place_bytes", "other_bytes", "disk_bytes"), 0
    )
    assert "bob,'=cmd(),0" in as_csv({"by_user": [row]}, "user")
