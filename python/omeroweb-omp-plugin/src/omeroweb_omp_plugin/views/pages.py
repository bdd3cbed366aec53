"""The plugin's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_plugin_common.web.views import page

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


@page("GET")
def studio(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Show the page on which names become metadata."""
    return {"template": "omeroweb_omp_plugin/studio.html"}
