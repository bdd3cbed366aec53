"""Who may come in: administrators, full and restricted, and nobody else."""

from __future__ import annotations

import re
from contextlib import closing

import pytest

from omero_embedded.testing import PASSWORD

BASE = "/omeroweb_admin_tools/"
OPEN_TO_ALL = {"root-status/"}


def routes() -> list[str]:
    from omeroweb_admin_tools.routes import urlpatterns

    return [re.sub(r"<\w+:\w+>", "abcdef12", str(entry.pattern)) for entry in urlpatterns]


@pytest.mark.parametrize("name", ["alice", "dora"])
def test_every_route_refuses_people_who_are_no_administrators(web, plugin_database, name):
    with closing(web.login(name, PASSWORD)) as client:
        for route in routes():
            if route in OPEN_TO_ALL:
                continue
            for method in ("GET", "POST"):
                answer = client.request(method, BASE + route)
                assert answer.status_code in (403, 405), f"{method} {route}: {answer.status_code}"
                assert "administrators" in answer.text or answer.status_code == 405
        assert client.get(BASE + "root-status/").json() == {"is_root_user": False}


def test_every_route_sends_strangers_away(web):
    import httpx

    with httpx.Client(base_url=web.url) as client:
        for route in routes():
            assert client.get(BASE + route).status_code in (302, 401, 405), route
            assert client.post(BASE + route).status_code in (401, 403, 405), route


def test_carol_is_let_in_although_her_name_is_not_root(carol):
    assert carol.get(BASE + "root-status/").json() == {"is_root_user": True}
    for page in (
        "",
        "logs/",
        "resource-monitoring/",
        "storage/",
        "storage/quota/",
        "server-database-testing/",
    ):
        answer = carol.get(BASE + page)
        assert answer.status_code == 200, page
        assert "Admin tools" in answer.text
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_erin_sees_everything_but_may_not_change_quotas_without_the_privilege(web, plugin_database):
    with closing(web.login("erin", PASSWORD)) as client:
        assert client.get(BASE + "storage/quota/data/").status_code == 200
        answer = client.post(BASE + "storage/quota/update/", json={"updates": []})
    assert answer.status_code == 403
    assert "ModifyGroup" in answer.json()["error"]


def test_no_answer_contains_a_password(carol, environment):
    secrets = (environment.postgres.password, PASSWORD)
    for route in ("resource-monitoring/data/", "storage/data/", "storage/quota/data/", "logs/sources/"):
        text = carol.get(BASE + route).text
        assert not any(secret in text for secret in secrets), route
    run = carol.post(
        BASE + "server-database-testing/run/", json={"scripts": ["omero_database", "plugin_database"]}
    )
    assert not any(secret in run.text for secret in secrets)


def test_a_post_without_the_token_is_refused(carol):
    del carol.headers["X-CSRFToken"]
    for route in (
        "storage/measure/",
        "storage/quota/update/",
        "storage/quota/import/",
        "server-database-testing/run/",
    ):
        assert carol.post(BASE + route).status_code == 403, route
