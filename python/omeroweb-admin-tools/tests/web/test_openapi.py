"""The description of the API is valid and describes exactly the routes there are."""

from __future__ import annotations

import json
import re
from importlib.resources import files

from openapi_spec_validator import validate

METHODS = {"get", "post", "head"}


def document():
    return json.loads(files("omeroweb_admin_tools").joinpath("openapi.json").read_text())


def test_the_description_is_valid():
    validate(document())


def test_it_describes_every_route_and_no_other():
    from omeroweb_admin_tools.routes import urlpatterns

    described = set(document()["paths"])
    real = {
        "/omeroweb_admin_tools/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(entry.pattern))
        for entry in urlpatterns
    }
    assert described == real


def test_it_names_the_methods_that_are_allowed(carol):
    for path, operations in document()["paths"].items():
        allowed = {method.upper() for method in operations if method in METHODS}
        answer = carol.request("OPTIONS", re.sub(r"\{\w+\}", "abcdef12", path))
        assert answer.status_code == 405, path
        assert set(answer.headers["Allow"].replace(" ", "").split(",")) == allowed, path
