"""The page that Prometheus reads."""

from __future__ import annotations

import hmac
import ipaddress

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST

from omero_plugin_common.config import web_settings
from omero_plugin_common.metrics.collect import exposition


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to whoever has the token, or without one to this machine and private networks."""
    if not may_read(request):
        return HttpResponse("Only Prometheus may read this.\n", status=403, content_type="text/plain")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    token = web_settings().metrics_token
    if token:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(sent.encode(), token.encode())
    # A request that came through a proxy could come from anywhere.
    if "X-Forwarded-For" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_private
    except ValueError:
        return False
