"""Keys and questions through OMERO.web: whose they are, what is shown, what is sent, what comes back."""

from __future__ import annotations

import json

import pytest
from django.db import connections

from omero_embedded.testing import PASSWORD

from ..helpers import dataset_with_images
from .http_double import Told, hang
from .provider_doubles import KEY, rule

BASE = "/omeroweb_omp_plugin/"
OTHER_KEY = "sk-another-key-of-bob-98765"


@pytest.fixture(scope="module")
def dataset(people):
    """A dataset of alice's with six images."""
    names = [f"{cell}_{drug}.tif" for cell in ("HeLa", "U2OS") for drug in ("DMSO_01", "DMSO_02", "Taxol_01")]
    with people.gateway("alice") as conn:
        return dataset_with_images(conn, names, "HeLa screen")[0]


@pytest.fixture
def alice(ai_web, plugin_database, doubles):
    return person(ai_web, "alice")


@pytest.fixture
def bob(ai_web, plugin_database, doubles):
    return person(ai_web, "bob")


def person(web, name):
    """A client of this person that sees no key in whatever comes back."""

    def no_key(response):
        response.read()
        assert KEY not in response.text + str(response.headers)
        assert OTHER_KEY not in response.text

    client = web.login(name, PASSWORD)
    client.event_hooks = {"response": [no_key]}
    return client


def post(client, path, **body):
    return client.post(BASE + path, json=body)


def save(client, doubles, provider="openai", key=KEY):
    doubles[provider].answers = [doubles[provider].models]
    answer = post(client, "ai-credentials/save/", provider=provider, api_key=key)
    assert answer.status_code == 200, answer.text
    return answer.json()


def question(dataset, provider="openai", model="gpt-5-mini", **more):
    return {"targets": [{"type": "Dataset", "id": dataset}], "provider": provider, "model": model, **more}


def seen_and_sent(client, asked):
    """The preview of a question, and the answer to sending it."""
    shown = post(client, "ai/preview/", **asked)
    assert shown.status_code == 200, shown.text
    return shown.json(), post(client, "ai/suggest/", **asked, digest=shown.json()["digest"])


# Keys


def test_a_key_that_works_is_saved_encrypted_and_never_shown(alice, doubles):
    answer = save(alice, doubles)

    assert answer == {"message": "Your key for OpenAI works and is saved, encrypted."}
    listed = alice.get(BASE + "ai-credentials/").json()
    assert listed["providers"] == ["openai"]
    assert [entry["id"] for entry in listed["available"] if entry["stored"]] == ["openai"]
    with connections["plugins"].cursor() as cursor:
        cursor.execute("SELECT api_key FROM omp_ai_credentials")
        (stored,) = cursor.fetchone()
    assert KEY not in stored


def test_a_key_that_its_provider_refuses_is_not_saved(alice, doubles):
    doubles["openai"].always = doubles["openai"].bad_key

    answer = post(alice, "ai-credentials/save/", provider="openai", api_key=KEY)

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "OpenAI doesn't accept this key. Check it under AI keys."},
    )
    assert alice.get(BASE + "ai-credentials/").json()["providers"] == []


def test_a_stored_key_is_tested_when_none_is_typed(alice, doubles):
    missing = post(alice, "ai-credentials/test/", provider="openai", api_key="")
    save(alice, doubles)
    doubles["openai"].answers = [doubles["openai"].models]

    answer = post(alice, "ai-credentials/test/", provider="openai", api_key="")

    assert (missing.status_code, missing.json()["error"]) == (
        400,
        "You have no key for OpenAI here. Add one under AI keys.",
    )
    assert answer.json() == {"message": "OpenAI accepts the key; it may use 2 models."}


@pytest.mark.parametrize("key", ["two words", "line\r\nX-Evil: 1", "ключ", "x" * 501])
def test_what_can_not_be_a_key_is_never_sent(alice, doubles, key):
    answer = post(alice, "ai-credentials/test/", provider="openai", api_key=key)

    assert answer.status_code == 400
    assert "not a key" in answer.json()["error"]
    assert doubles["openai"].requests == []


def test_bob_cannot_use_see_or_delete_alices_key(alice, bob, doubles, dataset):
    save(alice, doubles)
    doubles["openai"].requests.clear()

    assert bob.get(BASE + "ai-credentials/").json()["providers"] == []
    assert bob.get(BASE + "ai-credentials/models/?provider=openai").status_code == 400
    assert post(bob, "ai-credentials/test/", provider="openai").status_code == 400
    assert post(bob, "ai-credentials/delete/", provider="openai").status_code == 404
    _shown, answer = seen_and_sent(bob, question(dataset))
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "You have no key for OpenAI here. Add one under AI keys.",
    )
    assert doubles["openai"].requests == []
    assert alice.get(BASE + "ai-credentials/").json()["providers"] == ["openai"]


def test_a_deleted_key_is_gone(alice, doubles):
    save(alice, doubles)

    assert post(alice, "ai-credentials/delete/", provider="openai").json() == {"ok": True, "deleted": 1}
    assert alice.get(BASE + "ai-credentials/").json()["providers"] == []
    assert post(alice, "ai-credentials/delete/", provider="openai").status_code == 404


def test_models_come_with_a_default(alice, doubles):
    save(alice, doubles)
    doubles["openai"].answers = [doubles["openai"].models]

    answer = alice.get(BASE + "ai-credentials/models/?provider=openai").json()

    assert answer == {
        "models": [{"id": "gpt-4.1", "title": "gpt-4.1"}, {"id": "gpt-5-mini", "title": "gpt-5-mini"}],
        "default_model": "gpt-5-mini",
        "supports_models": True,
    }


def test_a_provider_the_facility_does_not_allow_stays_out_of_reach(alice):
    answers = [
        post(alice, "ai-credentials/save/", provider="mistral", api_key=KEY),
        post(alice, "ai-credentials/test/", provider="mistral", api_key=KEY),
        alice.get(BASE + "ai-credentials/models/?provider=mistral"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert "doesn't allow asking Mistral" in answers[0].json()["error"]


# Questions


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "gpt-5-mini"), ("anthropic", "claude-haiku-4-5"), ("google", "gemini-flash-latest")],
)
def test_what_is_shown_is_what_is_sent(alice, doubles, dataset, provider, model):
    save(alice, doubles, provider)
    asked = question(dataset, provider, model)

    shown, answer = seen_and_sent(alice, asked)

    assert answer.status_code == 200, answer.text
    (sent,) = [seen for seen in doubles[provider].requests if seen.method == "POST"]
    assert sent.json == shown["body"]
    assert shown["address"] == f"{doubles[provider].address}{sent.path.removeprefix(doubles[provider].base)}"
    assert (shown["names_sent"], shown["names_total"]) == (6, 6)
    found = answer.json()
    assert found["source"] == "ai"
    assert found["recipe"] == {
        "mode": "chars",
        "separators": "_",
        "pattern": "",
        "labels": [],
        "names": ["Cell line", "Treatment", "Replicate"],
    }
    assert (found["matched"], found["total"]) == (6, 6)
    assert found["examples"][0] == {"name": "HeLa_DMSO_01.tif", "values": ["HeLa", "DMSO", "01"]}


def test_nothing_is_sent_that_was_not_shown(alice, doubles, dataset):
    save(alice, doubles)
    doubles["openai"].requests.clear()
    shown = post(alice, "ai/preview/", **question(dataset)).json()

    never = post(alice, "ai/suggest/", **question(dataset))
    other = post(alice, "ai/suggest/", **question(dataset, model="gpt-4.1"), digest=shown["digest"])

    assert (never.status_code, other.status_code) == (409, 409)
    assert "has not been shown" in never.json()["error"]
    assert doubles["openai"].requests == []


def test_names_are_replaced_for_a_provider_outside(alice, doubles, dataset):
    doubles["cloud"].answers = [doubles["cloud"].answer(rule())]

    shown, answer = seen_and_sent(alice, question(dataset, "cloud-model", "llama3.1:8b"))

    assert shown["pseudonymised"] is True
    assert "HeLa" not in json.dumps(shown["body"])
    assert "HeLa" not in doubles["cloud"].requests[0].body.decode()
    assert answer.json()["examples"][0]["values"] == ["HeLa", "DMSO", "01"]


def test_names_can_be_replaced_by_the_users_choice(alice, dataset):
    asked = question(dataset, "facility-model", "llama3.1:8b")

    plain = post(alice, "ai/preview/", **asked).json()
    hidden = post(alice, "ai/preview/", **asked, pseudonymise=True).json()

    assert "HeLa" in json.dumps(plain["body"])
    assert plain["on_site"] is True
    assert "HeLa" not in json.dumps(hidden["body"])


def test_a_model_of_the_facility_needs_no_key(alice, doubles, dataset):
    _shown, answer = seen_and_sent(alice, question(dataset, "facility-model", "llama3.1:8b"))

    assert answer.json()["source"] == "ai"
    assert "authorization" not in doubles["compatible"].requests[0].headers


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Sorry, I am only a model", "not JSON"),
        (rule(mode="regex", pattern="(.*)*"), "doesn't cut"),
        (rule(separators="|"), "doesn't cut"),
        (rule(variables=["omp_hash"]), "ownership mark"),
    ],
)
def test_an_answer_that_is_no_help_leaves_the_built_in_suggestion(alice, doubles, dataset, words, reason):
    save(alice, doubles)
    doubles["openai"].always = doubles["openai"].answer(words)

    _shown, answer = seen_and_sent(alice, question(dataset))

    found = answer.json()
    assert answer.status_code == 200
    assert found["source"] == "fallback"
    assert reason in found["fallback_reason"]
    assert found["matched"] == 6
    assert found["recipe"]["separators"] == "_"


def test_faults_of_a_provider_are_clear_and_have_the_right_status(alice, doubles, dataset):
    save(alice, doubles)
    openai = doubles["openai"]
    shown = post(alice, "ai/preview/", **question(dataset)).json()
    cases = [
        (hang, 504, f"OpenAI did not answer within {3} s"),
        (openai.overloaded, 502, "OpenAI is overloaded"),
        (Told(200, b"<html>"), 502, "not JSON"),
        (openai.rate_limited(40), 429, "try again in 40 s"),
        (openai.no_credit, 402, "no credit left"),
    ]
    for always, status, message in cases:
        openai.always = always
        answer = post(alice, "ai/suggest/", **question(dataset), digest=shown["digest"])
        assert answer.status_code == status, answer.text
        assert message in answer.json()["error"]
        assert answer.headers.get("Retry-After") == ("40" if status == 429 else None)


def test_the_seventh_question_of_a_minute_has_to_wait(alice, dataset):
    answers = [post(alice, "ai/suggest/", **question(dataset)) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [409] * 6 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_keys_are_in_no_log(ai_web, alice, doubles, dataset):
    save(alice, doubles)
    doubles["openai"].always = doubles["openai"].bad_key
    seen_and_sent(alice, question(dataset))
    post(alice, "ai-credentials/save/", provider="openai", api_key=[KEY])

    assert KEY not in ai_web.log.read_text(errors="replace")


# Who may call


POSTS = [
    "ai-credentials/test/",
    "ai-credentials/save/",
    "ai-credentials/delete/",
    "ai/preview/",
    "ai/suggest/",
]
GETS = ["ai-credentials/", "ai-credentials/models/"]


def test_wrong_methods_are_told_the_right_one(alice):
    assert [alice.get(BASE + path).status_code for path in POSTS] == [405] * len(POSTS)
    assert [post(alice, path).status_code for path in GETS] == [405] * len(GETS)


def test_requests_without_the_token_are_refused(alice):
    del alice.headers["X-CSRFToken"]

    assert [post(alice, path).status_code for path in POSTS] == [403] * len(POSTS)


def test_root_and_strangers_are_kept_out(ai_web, people, plugin_database, doubles):
    import httpx

    root = ai_web.login("root", PASSWORD)
    answer = root.get(BASE + "ai-credentials/")
    assert answer.status_code == 403
    stranger = httpx.get(f"{ai_web.url}{BASE}ai-credentials/", headers={"Accept": "application/json"})
    assert stranger.status_code == 401


def test_wrong_bodies_are_explained(alice, dataset):
    assert post(alice, "ai-credentials/save/", provider="openai").status_code == 400
    assert post(alice, "ai/preview/", **question(dataset, model="../x")).status_code == 400
    assert post(alice, "ai/preview/", **question(99999999)).status_code == 404
    assert post(alice, "ai/preview/", provider="openai", model="m", targets=[]).status_code == 400
    assert alice.post(BASE + "ai/preview/", content=b"{").status_code == 400
