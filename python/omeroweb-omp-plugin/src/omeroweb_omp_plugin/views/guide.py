"""The help page, and the same text as a file."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import markdown  # type: ignore[import-untyped]
from django.http import HttpResponse
from django.utils.safestring import SafeString

from omero_plugin_common.web.views import page
from omeroweb_omp_plugin.views.access import user_api

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

APP = "omeroweb_omp_plugin"


@page("GET")
def guide(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Show the help page."""
    return {"template": f"{APP}/guide.html", "guide": guide_html()}


@user_api("GET")
def help_file(_request: HttpRequest, _caller: Caller) -> HttpResponse:
    """Return the help page as a Markdown file."""
    response = HttpResponse(guide_text(), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="omp-plugin-help.md"'
    return response


@cache
def guide_text() -> str:
    """The help page in Markdown."""
    return resources.files(APP).joinpath("guide.md").read_text(encoding="utf-8")


@cache
def guide_html() -> SafeString:
    """The help page as HTML; the text is the plugin's own."""
    return SafeString(markdown.markdown(guide_text(), extensions=["tables"]))
