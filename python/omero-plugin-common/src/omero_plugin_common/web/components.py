"""The page on which developers see every shared component at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie

from omero_plugin_common.config import web_settings
from omero_plugin_common.string_utils import message_payload
from omero_plugin_common.web import messages
from omero_plugin_common.web.csp import protect
from omero_plugin_common.web.views import html_answer, page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

ROWS = 10_000


def components(request: HttpRequest) -> HttpResponse:
    """Show the components: to everybody when the developer switch is on, else to administrators."""
    if web_settings().component_page:
        return protect(ensure_csrf_cookie(_open)(request))
    response: HttpResponse = _for_admins(request)
    return response


def _open(request: HttpRequest) -> HttpResponse:
    return html_answer(request, _context())


@page("GET", admin=True)
def _for_admins(_request: HttpRequest, _caller: Any) -> dict[str, Any]:
    return _context()


def _context() -> dict[str, Any]:
    return {
        "template": "omero_plugin_common/components.html",
        "messages_payload": message_payload(messages.SHARED),
        "page_data": {
            "rows": ROWS,
            "poll": reverse("omero_plugin_common_job", args=["0" * 32]).replace("0" * 32, "{id}"),
        },
    }
