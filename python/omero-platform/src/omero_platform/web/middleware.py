"""Answers where OMERO.web or a plugin would only say "server error"."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING

import omero
import omero.all
from django.http import HttpResponse, JsonResponse

from omero_platform.web.repairs import repair_search

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

log = logging.getLogger(__name__)


class PlatformMiddleware:
    """Refusals of the OMERO server become 403, and plugins written for older Djangos keep working."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        repair_search()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # OMERO.gallery reads request.REQUEST, which Django dropped with 1.9.
        request.REQUEST = request.GET  # type: ignore[attr-defined]
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """A page for what the OMERO server refused or does not have; other errors go their usual way."""
        if isinstance(exception, omero.SecurityViolation):
            status, what = 403, "You may not see this"
        elif isinstance(exception, omero.ValidationException) and request.method == "GET":
            status, what = 404, "There is no such thing"
        else:
            return None
        reference = uuid.uuid4().hex[:8]
        log.warning("refused path=%s reference=%s reason=%s", request.path, reference, exception.message)
        message = f"{what}: {exception.message} (reference {reference})"
        if "application/json" in request.headers.get("Accept", "") or "json" in request.path:
            return JsonResponse({"error": message}, status=status)
        return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
