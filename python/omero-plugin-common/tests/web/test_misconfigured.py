"""A plugin with a wrong variable stands aside; OMERO.web and the other plugins go on."""

from __future__ import annotations

import pytest

from omero_embedded.testing import PASSWORD
from omero_plugin_common.testing.web import WebProcess

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def broken_web(postgres, redis_server, people):
    process = WebProcess(
        postgres, "127.0.0.1", people.server.ports()["ssl"], extra_environ={"EXAMPLE_BATCH": "eleven"}
    )
    process.start()
    yield process
    process.stop()


def test_administrators_read_what_to_correct(broken_web):
    answer = broken_web.login("carol", PASSWORD).get("/example_plugin/", headers=HTML)
    assert answer.status_code == 503
    assert "EXAMPLE_BATCH is &#x27;eleven&#x27;, but a whole number from 1 to 10 is needed" in answer.text
    assert "env/omeroweb.env" in answer.text


def test_users_are_told_whom_to_ask_and_nothing_else(broken_web):
    answer = broken_web.login("alice", PASSWORD).get("/example_plugin/", headers=HTML)
    assert answer.status_code == 503
    assert "EXAMPLE_BATCH" not in answer.text
    assert "An administrator has to correct its configuration" in answer.text


def test_programs_get_json(broken_web):
    answer = broken_web.login("alice", PASSWORD).post("/example_plugin/start/", json={"steps": 1})
    assert answer.status_code == 503
    assert "switched off" in answer.json()["error"]


def test_omero_web_and_the_other_plugins_run_on(broken_web):
    alice = broken_web.login("alice", PASSWORD)
    assert alice.get("/webclient/", headers=HTML).status_code == 200
    assert alice.get("/omero_plugin_common/jobs/").json() == {"jobs": []}
