"""The description of the API is valid and says what the routes really are."""

from __future__ import annotations

import pytest
from django.urls import get_resolver
from openapi_spec_validator import validate

from ..helpers import BASE


@pytest.fixture
def document(client):
    return client.get(BASE + "openapi.json").json()


def routes():
    module = get_resolver("omeroweb_omp_plugin.routes")
    return {
        "/" + str(pattern.pattern).replace("<str:job_id>", "{job_id}").removesuffix("\\Z")
        for pattern in module.url_patterns
    }


def test_the_description_is_valid_openapi(document):
    validate(document)


def test_every_route_is_described_and_every_description_is_a_route(document):
    assert set(document["paths"]) == routes()


def test_the_described_methods_are_the_right_ones(document, client):
    for path, methods in document["paths"].items():
        url = BASE + path.removeprefix("/").replace("{job_id}", "0" * 32)
        for method in ("get", "post", "delete"):
            answer = client.request(method, url, content=b"not json") if method != "get" else client.get(url)
            assert (answer.status_code == 405) == (method not in methods), (method, path, answer.status_code)
            assert answer.status_code < 500, (method, path, answer.text)


def test_answers_have_the_described_keys(document, client):
    for path, methods in document["paths"].items():
        described = methods.get("get")
        if described is None or (described["parameters"] and path != "/sources/"):
            continue
        schema = described["responses"]["200"]["content"].get("application/json")
        if schema is None:
            continue
        answer = client.get(BASE + path.removeprefix("/"))
        assert answer.status_code == 200, path
        assert set(schema["schema"]["properties"]) <= set(answer.json()), path
