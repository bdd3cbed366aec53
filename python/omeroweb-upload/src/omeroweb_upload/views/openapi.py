"""The description of the plugin's JSON interface."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omero_plugin_common.web.views import api

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

DOCUMENT = Path(__file__).parents[1] / "openapi.json"


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document that comes with the package."""
    found: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return found


@api("GET")
def openapi(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Give it to whoever is logged in."""
    return document()
