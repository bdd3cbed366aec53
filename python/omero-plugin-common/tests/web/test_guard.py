"""Plugins whose code or settings are broken don't reach beyond themselves."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.test import RequestFactory

from omero_plugin_common.env_utils import ENV_FILE_OMEROWEB
from omero_plugin_common.health.problems import clear_problem, problem_of, report_problem
from omero_plugin_common.settings_schema.schema import setting, settings_schema
from omero_plugin_common.web.guard import plugin_urls


@settings_schema(title="Broken plugin", env_file=ENV_FILE_OMEROWEB)
class Needs:
    """A variable nobody has set."""

    url: str = setting("A_VARIABLE_NOBODY_SETS", "Needed.")


@pytest.fixture
def label():
    yield "broken_plugin"
    clear_problem("broken_plugin")


def test_routes_that_cannot_be_imported_become_one_that_says_so(label):
    (route,) = plugin_urls(label, "no.such.module")
    answer = route.callback(RequestFactory().get("/broken_plugin/anything/"))
    assert answer.status_code == 503
    body = json.loads(answer.content)
    assert body["reference"] == problem_of(label).reference
    assert "no.such.module" not in body["error"]


def test_wrong_settings_are_found_when_the_app_gets_ready_and_name_the_variable(monkeypatch):
    config = apps.get_app_config("example_plugin")
    monkeypatch.setattr(type(config), "settings_schemas", (Needs,))
    config.ready()
    assert "A_VARIABLE_NOBODY_SETS is not set" in problem_of("example_plugin").messages[0]
    monkeypatch.undo()
    config.ready()
    assert problem_of("example_plugin") is None


def test_a_fault_of_the_library_switches_its_plugins_off():
    (first, *_rest) = plugin_urls("example_plugin", "omero_plugin_common.testing.example_plugin.routes")
    report_problem("omero_plugin_common", ("OMP_DATA_PORT is wrong",))
    try:
        assert first.callback(RequestFactory().get("/example_plugin/")).status_code == 503
    finally:
        clear_problem("omero_plugin_common")
