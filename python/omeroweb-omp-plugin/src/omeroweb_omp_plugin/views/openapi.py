"""The description of the API, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from omero_plugin_common.web.views import api

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


@api("GET")
def description(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return the plugin's API in OpenAPI."""
    from omeroweb_omp_plugin.openapi import document  # noqa: PLC0415 - it describes the views, this one too

    return document(reverse("omeroweb_omp_plugin_index"))
