"""Storage and quotas over HTTP, measured from a real OMERO by a real worker."""

from __future__ import annotations

import pytest

from omero_plugin_common.quota.check import QuotaLevel, check, record_growth
from omero_plugin_common.quota.state import read_usage
from omero_plugin_common.testing.servers import wait_until

BASE = "/omeroweb_admin_tools/storage/"


@pytest.fixture
def an_image(people):
    """A tiny image that alice imported, and its project."""
    import omero.model
    from omero.rtypes import rstring

    from omeroweb_admin_tools.services.diagnostics.omero_checks import _import, _tiny_png

    with people.gateway("alice") as conn:
        fileset_id, image_id = _import(conn, "tiny.png", _tiny_png())
        project, dataset = omero.model.ProjectI(), omero.model.DatasetI()
        project.name, dataset.name = rstring("Cells"), rstring("Day 1")
        dataset.linkImage(omero.model.ImageI(image_id, False))
        project.linkDataset(dataset)
        project = conn.getUpdateService().saveAndReturnObject(project)
    yield fileset_id
    with people.gateway("alice") as conn:
        conn.deleteObjects("Project", [project.id.val], deleteChildren=True, wait=True)


@pytest.fixture
def resting_worker(shared_worker):
    """A worker that measures nothing by itself before the test starts it."""
    shared_worker.stop()
    return shared_worker


def measured(client):
    job = client.post(BASE + "measure/").json()["job_id"]
    state: dict = {}

    def ended():
        state.update(client.get(f"/omero_plugin_common/jobs/{job}/").json())
        return state["finished"]

    wait_until(ended, "the measurement", timeout=120)
    assert state["state"] == "done", state
    return client.get(BASE + "data/").json()


def test_a_measurement_finds_alices_image_by_user_group_and_project(resting_worker, carol, an_image):
    before = carol.get(BASE + "data/").json()
    assert before["measured_at"] is None
    assert before["by_user"] == []
    resting_worker.start()
    found = measured(carol)
    alice = next(row for row in found["by_user"] if row["username"] == "alice")
    assert alice["images"] == 1
    assert alice["managed_bytes"] > 0
    assert alice["in_place_bytes"] == 0
    assert alice["disk_bytes"] >= alice["managed_bytes"]
    assert "lab" in alice["groups"]
    lab = next(row for row in found["by_group"] if row["group"] == "lab")
    assert lab["permissions"] == "Read-only"
    assert set(lab["users"]) == {"alice", "bob", "dora"}
    assert lab["managed_bytes"] == alice["managed_bytes"]
    assert [(row["project"], row["images"]) for row in found["by_project"]] == [("Cells", 1)]
    assert found["largest"][0]["name"] == "tiny.png"
    assert {"omero_binary_bytes", "data_root", "data_root_total_bytes", "data_root_free_bytes"} <= set(
        found["totals"]
    )
    assert next(row for row in found["by_user"] if row["username"] == "bob")["bytes"] == 0
    table = carol.get(BASE + "export/", params={"view": "user"})
    assert 'filename="omero-storage-user.csv"' in table.headers["Content-Disposition"]
    assert any(line.startswith("alice,Alice Tester,1,") for line in table.text.splitlines())


def usage_of_the_lab(environment, in_between=lambda: None):
    """What the quotas say that the lab uses after a measurement during which something happens."""
    from omero_plugin_common.database.owned import Owner
    from omero_plugin_common.jobs.context import JobContext
    from omeroweb_admin_tools.tasks import measure_storage

    for step in measure_storage(JobContext("", Owner(-1, "platform"), None, None, 0, 0, {})):
        if step.message == "Read projects":
            in_between()
    return read_usage(environment.folder / "quotas" / "group-quotas.json").used_bytes["lab"]


def test_what_comes_in_while_it_is_measured_counts_until_the_next_measurement(
    people, plugin_database, an_image, no_quotas, environment
):
    alone = usage_of_the_lab(environment)
    assert alone > 0
    assert usage_of_the_lab(environment, lambda: record_growth("lab", 300)) == alone + 300
    record_growth("lab", 500)
    assert usage_of_the_lab(environment) == alone


def test_the_page_asks_the_database_equally_often_for_one_user_as_for_many(plugin_database):
    from datetime import UTC, datetime
    from pathlib import Path

    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from omeroweb_admin_tools.services.storage.facts import Facts, User
    from omeroweb_admin_tools.services.storage.measure import save
    from omeroweb_admin_tools.services.storage.report import report

    counts = []
    for users in (1, 300):
        facts = Facts(users={number: User(f"user{number}", "") for number in range(users)})
        save(facts, Path("/nowhere"), "", datetime.now(UTC), lambda: None, {})
        with CaptureQueriesContext(connections["plugins"]) as queries:
            assert len(report(Path("/"), datetime.now(UTC))["by_user"]) == users
        counts.append(len(queries))
    assert counts == [2, 2]


def update(client, *pairs, **more):
    updates = [{"group": group, "quota_gb": quota} for group, quota in pairs]
    return client.post(BASE + "quota/update/", json={"updates": updates, **more})


@pytest.fixture
def no_quotas(environment):
    yield
    for path in (environment.folder / "quotas").glob("*.json"):
        path.unlink()


def test_a_quota_is_set_logged_heeded_by_uploads_and_taken_away(carol, no_quotas, environment):
    path = environment.folder / "quotas" / "group-quotas.json"
    answer = update(carol, ("lab", 1.0)).json()
    assert answer["quotas_gb"] == {"lab": 1.0}
    assert answer["reconcile"]["pending_groups"] + answer["reconcile"]["applied_groups"] == ["lab"]
    assert "lab: none → 1 GB (by carol)" in answer["logs"][0]["message"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert check("lab", 1000).level is QuotaLevel.OK
    record_growth("lab", 950 * 2**20)
    warned = check("lab", 1000)
    assert (warned.allowed, warned.level) == (True, QuotaLevel.WARN)
    full = check("lab", 200 * 2**20)
    assert not full.allowed
    assert "200.0 MiB do not fit" in full.message
    assert check("somebody else's").allowed
    update(carol, ("lab", None))
    assert check("lab", 200 * 2**20).level is QuotaLevel.NONE


def test_a_dry_run_changes_nothing_and_says_what_it_would(carol, no_quotas):
    answer = update(carol, ("lab", 2), dry_run=True).json()
    assert answer["changes"] == [{"group": "lab", "before": None, "after": 2.0}]
    assert carol.get(BASE + "quota/data/").json()["quotas_gb"] == {}


def test_one_wrong_group_stops_all_changes(carol, no_quotas):
    answer = update(carol, ("lab", 2), ("nobody", 3))
    assert answer.status_code == 400
    assert "There is no group 'nobody'" in answer.json()["error"]
    assert update(carol, ("lab", 0.0001)).status_code == 400
    assert carol.get(BASE + "quota/data/").json()["quotas_gb"] == {}


def test_two_administrators_do_not_overwrite_each_other(carol, no_quotas):
    seen = carol.get(BASE + "quota/data/").json()["revision"]
    assert update(carol, ("lab", 2), revision=seen).status_code == 200
    assert update(carol, ("lab", 3), revision=seen).status_code == 409


def test_the_template_can_be_filled_in_and_read_back(carol, no_quotas):
    text = carol.get(BASE + "quota/template/").text
    assert text.splitlines() == ["Group,Quota [GB]", "lab,"]
    sent = carol.post(BASE + "quota/import/", files={"file": ("q.csv", text.replace("lab,", "lab,12.5"))})
    assert sent.json()["quotas_gb"] == {"lab": 12.5}
    bad = carol.post(BASE + "quota/import/", files={"file": ("q.csv", "Group,Quota\nlab,much\n")})
    assert bad.status_code == 400
    assert "Line 2" in bad.json()["error"]


def test_changes_of_quotas_are_in_the_audit_trail(carol, no_quotas):
    from omero_plugin_common.models import AuditEntry

    update(carol, ("lab", 5))
    entry = AuditEntry.objects.get(action="change quotas")
    assert (entry.actor_name, entry.target) == ("carol", {"lab": [None, 5.0]})


def test_diagnostics_say_what_works_end_to_end(carol, worker, web):
    answer = carol.post(
        "/omeroweb_admin_tools/server-database-testing/run/",
        json={"scripts": ["platform_end_to_end", "nonsense"]},
        timeout=120,
    ).json()
    whole, unknown = answer["results"]
    found = {check["check_id"]: check for check in whole["checks"]}
    for name in (
        "omero_dns",
        "omero_tcp",
        "omero_login",
        "omero_certificate",
        "omeroweb_http",
        "omero_database_sql",
        "plugin_database_sql",
        "import",
        "script",
        "redis",
        "celery_ping",
        "celery_round_trip",
        "clock",
    ):
        assert found[name]["status"] == "pass", found[name]
        assert found[name]["duration_ms"] >= 0
    assert whole["summary"]["total"] == len(whole["checks"])
    assert unknown["status"] == "fail"
    assert answer["request_id"] in web.log.read_text() or len(answer["request_id"]) == 10


def test_the_imported_test_image_is_gone_afterwards(carol, people):
    from omeroweb_admin_tools.services.diagnostics import omero_checks

    with people.gateway("carol") as conn:
        assert omero_checks.import_image(conn).status.value == "pass"
        left = conn.getQueryService().findAllByQuery(
            "select i from Image i where i.name like 'diagnostics-%'", None
        )
    assert left == []


def test_a_wrong_password_is_told_with_what_to_do(environment, postgres):
    from omero_plugin_common.checks.network import postgresql

    place = environment.postgres
    found = postgresql(
        host="127.0.0.1", port=place.port, name=place.name, user=place.user, password="wrong", seconds=3
    )
    assert found.status.value == "fail"
    assert "can't log in" in found.summary
    assert "env files" in found.advice
