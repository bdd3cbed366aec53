"""The older form's actions: one regular expression, or values for every image."""

from __future__ import annotations

import pytest

from omero_embedded.testing import PASSWORD

from ..helpers import dataset_with_images
from .provider_doubles import rule

BASE = "/omeroweb_omp_plugin/"
NAMES = [f"{cell}_{drug}.tif" for cell in ("HeLa", "U2OS") for drug in ("DMSO_01", "DMSO_02", "Taxol_01")]
MANY = 250


@pytest.fixture(scope="module")
def dataset(people):
    with people.gateway("alice") as conn:
        return dataset_with_images(conn, NAMES, "HeLa screen")[0]


@pytest.fixture
def post(ai_web, plugin_database, doubles, redis_server):
    client = ai_web.login("alice", PASSWORD)

    def send(action, dataset, **fields):
        form = {"action": action, "project": "1", "selected_datasets": str(dataset), **fields}
        return client.post(BASE, data=form)

    return send


def ask(post, action, dataset, **fields):
    """Look at what would be sent, then send it."""
    asked = {"provider": "facility-model", "model": "llama3.1:8b", **fields}
    first = post(action, dataset, **asked)
    assert first.status_code == 409
    assert "has not been shown" in first.json()["error"]
    return post(action, dataset, **asked, digest=first.json()["preview"]["digest"])


def test_the_built_in_suggester_answers_at_once(post, dataset, doubles):
    answer = post("ai_regex", dataset).json()

    assert answer == {"regex": "_+", "source": "local"}
    assert all(double.requests == [] for double in doubles.values())


def test_a_provider_answers_with_one_expression(post, dataset):
    answer = ask(post, "ai_regex", dataset).json()

    assert answer == {"regex": "_+", "source": "ai", "ai_regex": "_+"}


def test_an_unreliable_answer_leaves_the_built_in_expression(post, dataset, doubles):
    doubles["compatible"].always = doubles["compatible"].answer(rule(mode="regex", pattern="(((("))

    answer = ask(post, "ai_regex", dataset).json()

    assert answer == {"regex": "_+", "source": "fallback", "fallback_reason": "ai_regex_unreliable"}


def test_every_image_gets_values_however_many_there_are(post, people):
    with people.gateway("alice") as conn:
        number, ids = dataset_with_images(conn, [f"HeLa_DMSO_{shot:03}.tif" for shot in range(MANY)], "many")

    answer = ask(post, "ai_parse", number).json()

    assert answer["source"] == "ai"
    rows = {row["img_id"]: row["values"] for row in answer["rows"]}
    assert rows == {image: ["HeLa", "DMSO", f"{shot:03}"] for shot, image in enumerate(ids)}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"project": ""}, "No project"),
        ({"selected_datasets": ""}, "at least one dataset"),
        ({"selected_datasets": "1;drop"}, "at least one dataset"),
        ({"provider": "groq", "model": "m"}, "no provider called"),
    ],
)
def test_what_is_missing_is_told(post, dataset, fields, reason):
    answer = post("ai_regex", fields.pop("selected_datasets", dataset), **fields)

    assert answer.status_code == 400
    assert reason in answer.json()["error"]


def test_values_need_a_provider(post, dataset):
    assert post("ai_parse", dataset).status_code == 400
