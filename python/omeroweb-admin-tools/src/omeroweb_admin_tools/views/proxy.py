"""Grafana and Prometheus behind OMERO's login, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.services import proxy
from omeroweb_admin_tools.services.places import upstream

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from omero_plugin_common.web.caller import Caller

METHODS = ("GET", "HEAD", "POST")
# What is passed on runs with the browser's OMERO session at hand, so it may talk to nothing but the proxy itself.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; object-src 'none'; "
    "form-action 'self'"
)


@api(*METHODS, admin=True)
def _grafana(request: HttpRequest, caller: Caller, *, subpath: str = "") -> HttpResponseBase:
    wanted = admin_settings()
    if not subpath:
        start = f"d/{wanted.dashboard_uid}/{wanted.dashboard_slug}"
        query = "orgId=1&from=now-6h&to=now&timezone=browser&refresh=30s"
        return HttpResponseRedirect(f"{reverse('omeroweb_admin_tools_grafana')}{start}?{query}")
    place = _place("grafana", "omeroweb_admin_tools_grafana", caller.owner.username)
    return _pass_on(request, place, subpath)


@api(*METHODS, admin=True)
def _prometheus(request: HttpRequest, _caller: Caller, *, subpath: str = "") -> HttpResponseBase:
    return _pass_on(request, _place("prometheus", "omeroweb_admin_tools_prometheus"), subpath or "targets")


# Grafana's pages know nothing of OMERO.web's token. The only POST that is passed on reads, and must come from a
# page of this very site.
grafana = csrf_exempt(_grafana)
prometheus = _prometheus


def _place(name: str, route: str, user: str = "") -> proxy.Upstream:
    base = upstream(name)
    if not base:
        raise UserError(f"{name.capitalize()} is not running here.", status=503)
    if name == "prometheus":
        return proxy.Upstream(name, base, reverse(route), strips_prefix=True)
    return proxy.Upstream(name, base, reverse(route), token=admin_settings().grafana_token, user=user)


def _pass_on(request: HttpRequest, place: proxy.Upstream, subpath: str) -> HttpResponseBase:
    if request.method == "POST" and not _same_site(request):
        raise UserError("This request does not come from a page of this site.", status=403)
    asked = proxy.Asked(
        method=str(request.method),
        path=subpath,
        query=request.META.get("QUERY_STRING", ""),
        headers=request.headers,
        body=request.body if request.method == "POST" else b"",
    )
    try:
        answered = proxy.fetch(place, asked)
    except proxy.ProxyError as error:
        raise UserError(str(error), status=error.status) from error
    other = proxy.elsewhere(place, asked, answered.status)
    if other is not None:
        list(answered.chunks)
        return HttpResponseRedirect(other)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=answered.status)
        list(answered.chunks)
    else:
        response = StreamingHttpResponse(answered.chunks, status=answered.status)
    for name, value in answered.headers.items():
        response[name] = value
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "same-origin"
    return response


def _same_site(request: HttpRequest) -> bool:
    origin = urlsplit(request.headers.get("Origin", ""))
    return bool(origin.netloc) and origin.netloc == request.get_host()
