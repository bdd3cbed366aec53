"""How often somebody may start something big, and what the platform's metrics say."""

from __future__ import annotations

import pytest

from omero_embedded.testing import PASSWORD
from omero_plugin_common.testing.web import WebProcess

from ..helpers import BASE, dataset_with_images, done, forget_actions


@pytest.fixture
def strict_web(postgres, redis_server, people):
    """An OMERO.web with the limit that facilities have: six actions in a minute."""
    process = WebProcess(
        postgres,
        "127.0.0.1",
        people.server.ports()["ssl"],
        extra_environ={"OMERO_PLUGIN_RATE_ACTIONS": "6"},
    )
    process.start()
    yield process
    process.stop()
    # Who was blocked here would be for the tests that follow, too.
    forget_actions(redis_server)


def test_the_seventh_action_of_a_minute_waits_while_looking_goes_on(alice, strict_web, plugin_database):
    dataset, _ = dataset_with_images(alice, ["P1_HeLa.tif"])
    client = strict_web.login("dora", PASSWORD)
    body = {"targets": [{"type": "Dataset", "id": dataset}], "dry_run": True}
    codes = [client.post(BASE + "write/", json=body).status_code for _ in range(7)]
    assert codes == [200] * 6 + [429]
    refused = client.post(BASE + "write/", json=body)
    assert "6 actions in 60 seconds" in refused.json()["error"]
    assert 0 < refused.json()["retry_after"] <= 60
    assert client.post(BASE + "preview/", json={"targets": body["targets"]}).status_code == 200


def test_keys_are_tested_and_models_listed_thirty_times_a_minute_beside_the_six_actions(
    alice, strict_web, plugin_database
):
    """Each of these asks a provider, so nobody may use them to flood one; they take nothing from the actions."""
    dataset, _ = dataset_with_images(alice, ["P1_HeLa.tif"])
    client = strict_web.login("bob", PASSWORD)
    asked = [
        lambda: client.post(BASE + "ai-credentials/test/", json={"provider": "nobody", "api_key": "k"}),
        lambda: client.post(BASE + "ai-credentials/save/", json={"provider": "nobody", "api_key": "k"}),
        lambda: client.get(BASE + "ai-credentials/models/?provider=nobody"),
    ]
    answers = [asked[number % 3]() for number in range(33)]
    assert {answer.status_code for answer in answers[:30]} <= {400, 404}
    assert [answer.status_code for answer in answers[30:]] == [429] * 3
    assert "ask outside services 30 times in 60 seconds" in answers[-1].json()["error"]
    assert 0 < answers[-1].json()["retry_after"] <= 60
    body = {"targets": [{"type": "Dataset", "id": dataset}], "dry_run": True}
    codes = [client.post(BASE + "write/", json=body).status_code for _ in range(7)]
    assert codes == [200] * 6 + [429]


def test_a_dry_run_counts_and_writes_nothing(alice, client, plugin_database):
    dataset, _ = dataset_with_images(alice, ["P1_HeLa.tif", "P2_HeLa.tif"])
    body = {"targets": [{"type": "Dataset", "id": dataset}], "dry_run": True}
    answer = client.post(BASE + "write/", json=body).json()
    assert answer == {"dry_run": True, "total": 2, "counts": {"changed": 2, "add": 4}}
    assert client.get(BASE + "runs/").json() == {"runs": []}


def test_metrics_count_what_jobs_wrote_without_naming_anybody(alice, client, worker):
    dataset, _ = dataset_with_images(alice, ["P1_HeLa.tif", "P2_HeLa.tif"])

    def written():
        text = client.get("/omero_plugin_common/metrics").text
        lines = [line for line in text.splitlines() if line.startswith("omero_omp_objects_total{")]
        assert all("alice" not in line for line in lines)
        return sum(float(line.split()[-1]) for line in lines if 'kind="write",result="written"' in line)

    before = written()
    done(client.post(BASE + "write/", json={"targets": [{"type": "Dataset", "id": dataset}]}))
    assert written() == before + 2
