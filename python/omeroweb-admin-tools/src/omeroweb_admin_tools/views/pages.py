"""The entrance, the help text, and who may come in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse

from omero_plugin_common.web.views import api, page
from omeroweb_admin_tools.views.frame import page_context

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

HELP = Path(__file__).parents[1] / "help.md"


@page("GET", admin=True)
def index(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Show what there is, and how the services are."""
    return page_context("index", {"health": reverse("omeroweb_admin_tools_health")})


@api("GET")
def root_status(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Say whether the caller may use these tools: every administrator may, whatever the name."""
    return {"is_root_user": caller.is_admin}


@api("GET", admin=True)
def help_text(_request: HttpRequest, _caller: Caller) -> HttpResponse:
    """Return the help as Markdown."""
    return HttpResponse(HELP.read_text(encoding="utf-8"), content_type="text/markdown; charset=utf-8")
