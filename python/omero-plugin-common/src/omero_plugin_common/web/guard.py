"""Routes of a plugin that stand aside when the plugin can't work, so that the rest of OMERO.web goes on."""

from __future__ import annotations

import importlib
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, re_path
from omeroweb.webclient.decorators import login_required

from omero_plugin_common.health.problems import Problem, problem_of, report_problem
from omero_plugin_common.web.csp import protect
from omero_plugin_common.web.views import with_language

if TYPE_CHECKING:
    from collections.abc import Callable

Route = URLPattern | URLResolver
LIBRARY = "omero_plugin_common"


def plugin_urls(app_label: str, module: str) -> list[Route]:
    """Return the `urlpatterns` of a module, each switched off while the plugin has a problem.

    A plugin's urls.py is this one line: `urlpatterns = plugin_urls("omeroweb_upload", "omeroweb_upload.routes")`.
    A module that can't be imported is a problem too.
    """
    try:
        patterns: list[Route] = list(importlib.import_module(module).urlpatterns)
    except Exception as error:  # noqa: BLE001 - one plugin's fault must not stop OMERO.web
        report_problem(app_label, (f"{module} can't be loaded: {error}",), exc_info=True)
        patterns = []
    _guard_all(patterns, app_label)
    # Whatever else is asked of a plugin that can't work gets the same answer.
    if _problem(app_label) is not None:
        patterns.append(re_path(r"^.*$", _unavailable_view(app_label), name=f"{app_label}_unavailable"))
    return patterns


def _problem(app_label: str) -> Problem | None:
    """Return what keeps the plugin from working: its own fault, or one of the library it stands on."""
    return problem_of(app_label) or problem_of(LIBRARY)


def _guard_all(patterns: list[Route], app_label: str) -> None:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            _guard_all(pattern.url_patterns, app_label)
        else:
            pattern.callback = _guarded(pattern.callback, app_label)


def _guarded(view: Callable[..., HttpResponse], app_label: str) -> Callable[..., HttpResponse]:
    unavailable = _unavailable_view(app_label)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _problem(app_label) is not None:
            return unavailable(request)
        return view(request, *args, **kwargs)

    return guarded


def _unavailable_view(app_label: str) -> Callable[..., HttpResponse]:
    def unavailable(request: HttpRequest, **_url: Any) -> HttpResponse:
        problem = _problem(app_label)
        if problem is None:
            return JsonResponse({"error": "There is nothing here."}, status=404)
        if "text/html" not in request.headers.get("Accept", ""):
            return _json_answer(app_label, problem)
        return _page(request, app_label, problem)

    return unavailable


def _json_answer(app_label: str, problem: Problem) -> HttpResponse:
    body = {
        "error": f"{app_label} is switched off because of its configuration.",
        "reference": problem.reference,
    }
    return JsonResponse(body, status=503)


def _page(request: HttpRequest, app_label: str, problem: Problem) -> HttpResponse:
    @login_required(useragent="OMERO.web")  # type: ignore[untyped-decorator]
    def page(request: HttpRequest, conn: Any = None, **_kwargs: Any) -> HttpResponse:
        is_admin = bool(conn.getEventContext().isAdmin)
        context = {
            "app_label": app_label,
            "reference": problem.reference,
            "problems": problem.messages if is_admin else (),
        }
        return with_language(render(request, "omero_plugin_common/unavailable.html", context, status=503))

    return protect(page(request))
