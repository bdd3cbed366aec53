"""The job routes of a running OMERO.web, seen by their owner, by a stranger, by an administrator."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connections

from omero_embedded.testing import PASSWORD
from omero_plugin_common.jobs import progress, service
from omero_plugin_common.models import Job
from omero_plugin_common.testing.servers import wait_until

from ..jobs.helpers import Owner, wait_for_end

BASE = "/omero_plugin_common/jobs/"


@pytest.fixture(scope="module")
def clients(web):
    return {name: web.login(name, PASSWORD) for name in ("alice", "bob", "carol")}


@pytest.fixture
def alice(people):
    return Owner(people.user_id("alice"), "alice")


@pytest.fixture
def job(plugin_database, web, alice):
    return service.submit("example.aside", alice, {"steps": 5}, total=5)


def test_alice_sees_and_polls_her_job(clients, job):
    listed = clients["alice"].get(BASE).json()["jobs"]
    assert [entry["id"] for entry in listed] == [job.id]
    polled = clients["alice"].get(f"{BASE}{job.id}/")
    assert polled.status_code == 200
    assert polled.json()["state"] == "queued"


def test_polling_again_costs_no_body_when_nothing_changed(clients, job):
    first = clients["alice"].get(f"{BASE}{job.id}/")
    again = clients["alice"].get(f"{BASE}{job.id}/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    service.cancel(job, Owner(job.owner_id, "alice"))
    changed = clients["alice"].get(f"{BASE}{job.id}/", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.json()["state"] == "cancelled"


def test_bob_does_not_see_alices_job_in_his_list(clients, job):
    assert clients["bob"].get(BASE).json() == {"jobs": []}
    refused = clients["bob"].get(BASE, params={"all": "1"})
    assert refused.status_code == 403


def test_bob_cannot_poll_alices_job(clients, job):
    refused = clients["bob"].get(f"{BASE}{job.id}/")
    assert refused.status_code == 404
    assert "belongs to somebody else" in refused.json()["error"]


def test_bob_cannot_cancel_alices_job(clients, job):
    refused = clients["bob"].post(f"{BASE}{job.id}/cancel/")
    assert refused.status_code == 404
    assert Job.objects.get(pk=job.id).state == "queued"


def test_bob_cannot_retry_alices_job(clients, job):
    service.cancel(job, Owner(job.owner_id, "alice"))
    assert clients["bob"].post(f"{BASE}{job.id}/retry/").status_code == 404
    assert Job.objects.get(pk=job.id).state == "cancelled"


def test_an_administrator_sees_and_cancels_but_cannot_act_for_alice(clients, job):
    everybody = clients["carol"].get(BASE, params={"all": "1"}).json()["jobs"]
    assert [(entry["id"], entry["user"]) for entry in everybody] == [(job.id, "alice")]
    assert clients["carol"].get(f"{BASE}{job.id}/").status_code == 200
    assert clients["carol"].post(f"{BASE}{job.id}/cancel/").json()["state"] == "cancelled"
    assert clients["carol"].post(f"{BASE}{job.id}/retry/").status_code == 404


def test_strangers_without_login_get_nothing(web, job):
    for method, path in (
        ("GET", ""),
        ("GET", f"{job.id}/"),
        ("POST", f"{job.id}/cancel/"),
        ("POST", f"{job.id}/retry/"),
    ):
        answer = httpx.request(method, f"{web.url}{BASE}{path}", timeout=30)
        assert answer.status_code in (401, 403), (method, path)


def test_changes_need_the_csrf_token(clients, job):
    refused = clients["alice"].post(f"{BASE}{job.id}/cancel/", headers={"X-CSRFToken": ""})
    assert refused.status_code == 403
    assert Job.objects.get(pk=job.id).state == "queued"


def test_changes_by_get_are_refused(clients, job):
    refused = clients["alice"].get(f"{BASE}{job.id}/cancel/")
    assert refused.status_code == 405
    assert refused.headers["Allow"] == "POST"


def test_a_nonsense_job_id_is_not_a_server_error(clients, web):
    assert clients["alice"].get(f"{BASE}..%2f..%2fetc/").status_code == 404
    assert clients["alice"].get(f"{BASE}xyz/").status_code == 404


def test_a_job_started_in_the_browser_runs_as_that_user(clients, worker):
    started = clients["alice"].post("/example_plugin/start/", json={"steps": 7, "key": "one click"})
    assert started.status_code == 200
    again = clients["alice"].post("/example_plugin/start/", json={"steps": 7, "key": "one click"})
    assert again.json() == started.json()
    assert wait_for_end(started.json()["job_id"]).done == 7


def test_bad_input_says_where_and_what_would_be_right(clients, web):
    refused = clients["alice"].post("/example_plugin/start/", json={"steps": 0})
    assert refused.status_code == 400
    assert "steps: Input should be greater than 0" in refused.json()["error"]
    not_json = clients["bob"].post(
        "/example_plugin/start/", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert "not JSON" in not_json.json()["error"]


def test_the_worker_acts_as_the_jobs_owner_in_the_jobs_group(clients, worker, people, alice):
    worker.stop()
    worker.start()  # with the environment that names the embedded OMERO
    job = service.submit("example.whoami", alice, {})
    ended = wait_for_end(job.id)
    assert ended.error == ""
    assert ended.result["user"] == "alice"


def next_transaction():
    """Return the number of the next writing transaction; reading uses none up."""
    with connections["plugins"].cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return cursor.fetchone()[0]


def test_polling_writes_nothing_and_is_fast_for_two_hundred_pollers(clients, job):
    cookies = dict(clients["alice"].cookies)
    url = f"{clients['alice'].base_url}{BASE}{job.id}/".replace("//omero", "/omero")
    wait_until(lambda: progress.read(job.id) is not None, "the progress file")
    before = next_transaction()

    def poll(_number):
        with httpx.Client(cookies=cookies, timeout=60, verify=False) as one:
            return [one.get(url).status_code for _ in range(3)]

    began = time.perf_counter()
    with ThreadPoolExecutor(50) as pool:
        answers = [code for codes in pool.map(poll, range(200)) for code in codes]
    seconds = time.perf_counter() - began
    assert set(answers) == {200}
    assert next_transaction() == before
    assert seconds < 120, "600 polls"


def test_a_poll_takes_less_than_five_milliseconds_of_the_server(clients, job, web):
    means = [mean_of_polls(clients["alice"], job.id, 40) for _ in range(6)]
    quietest = min(means)  # the machine is shared; the least disturbed batch tells what a poll costs
    assert quietest < 0.005, f"{quietest * 1000:.2f} ms"


def mean_of_polls(client, job_id, count):
    before = totals(client.get("/omero_plugin_common/metrics").text)
    for _ in range(count):
        client.get(f"{BASE}{job_id}/")
    after = totals(client.get("/omero_plugin_common/metrics").text)
    assert after[1] - before[1] == count
    return (after[0] - before[0]) / count


def totals(text):
    found = {}
    for line in text.splitlines():
        if (
            line.startswith("omero_plugin_request_duration_seconds_")
            and 'view="poll"' in line
            and "bucket" not in line
        ):
            found["sum" if "_sum{" in line else "count"] = float(line.rsplit(" ", 1)[1])
    return found.get("sum", 0.0), found.get("count", 0.0)
