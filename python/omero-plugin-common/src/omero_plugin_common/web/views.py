"""The two decorators every view of a plugin wears: `api` for JSON, `page` for HTML."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from omeroweb.webclient.decorators import login_required, render_response

from omero_plugin_common.metrics.requests import timed
from omero_plugin_common.ratelimit.limiter import LOOKUPS, MAJOR, Counter, rate_limiter
from omero_plugin_common.web.answers import explain, json_error
from omero_plugin_common.web.caller import Caller, caller_of
from omero_plugin_common.web.csp import protect
from omero_plugin_common.web.errors import UserError

if TYPE_CHECKING:
    from pydantic import BaseModel

View = Callable[..., Any]
LARGEST_BODY_BYTES = 8 * 1024 * 1024


class JsonLogin(login_required):  # type: ignore[misc]
    """OMERO.web's login check, answering programs with 401 and JSON instead of a login page."""

    def on_not_logged_in(self, _request: HttpRequest, _url: str, _error: str | None = None) -> HttpResponse:
        return JsonResponse({"error": "You are not logged in, or your session has ended."}, status=401)


class PageContext(render_response):  # type: ignore[misc]
    """Gives a page OMERO.web's menu and user."""

    def prepare_context(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> None:
        super().prepare_context(request, context, *args, **kwargs)


def api(
    *methods: str,
    body: type[BaseModel] | None = None,
    admin: bool = False,
    major: bool = False,
    lookup: bool = False,
    streaming: bool = False,
) -> Callable[[View], View]:
    """Make a function a JSON view for logged-in users.

    It is called as `view(request, caller, **url)`, with `body=` the validated JSON when a model is given, and
    returns something JSON can hold or an HttpResponse. `admin` restricts it to administrators, `major` counts
    it against the user's rate limit, `lookup` against another that is wider: for what only asks an outside
    service. Errors become `{"error": …}` with the right status. A `streaming` view may
    return OMERO.web's ConnCleaningHttpResponse, which keeps the connection until the last byte was sent.
    """

    def decorate(view: View) -> View:
        def with_connection(request: HttpRequest, conn: Any = None, **url: Any) -> HttpResponseBase:
            url.pop("url", None)
            caller = caller_of(conn)
            if admin and not caller.is_admin:
                raise UserError("Only administrators may do this.", status=403)
            if body is not None:
                url["body"] = body.model_validate(_json(request))
            if major:
                count_major_action(caller)
            if lookup:
                count(caller, LOOKUPS)
            answer = view(request, caller, **url)
            return answer if isinstance(answer, HttpResponseBase) else JsonResponse(answer, safe=False)

        login = JsonLogin(useragent="OMERO.web", doConnectionCleanup=not streaming)
        return _edge(view, methods, login(with_connection), json_error)

    return decorate


def page(*methods: str, admin: bool = False, frames: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Make a function an HTML view for logged-in users.

    It is called as `view(request, caller, **url)` and returns a template context with `template`, or an
    HttpResponse. The page gets OMERO.web's navigation, a strict content security policy and the CSRF cookie;
    errors become a page with a reference.
    """

    def decorate(view: View) -> View:
        def with_connection(request: HttpRequest, conn: Any = None, **url: Any) -> HttpResponse:
            url.pop("url", None)
            caller = caller_of(conn)
            if admin and not caller.is_admin:
                raise UserError("Only administrators may see this page.", status=403)
            return html_answer(request, view(request, caller, **url), conn=conn)

        logged_in = ensure_csrf_cookie(login_required(useragent="OMERO.web")(with_connection))

        def protected(request: HttpRequest, **url: Any) -> HttpResponse:
            return protect(logged_in(request, **url), frames=frames)

        return _edge(view, methods or ("GET",), protected, error_page)

    return decorate


def html_answer(
    request: HttpRequest, answer: Any, *, conn: Any | None = None, status: int = 200
) -> HttpResponse:
    """Render a view's context with OMERO.web's menu; responses pass through."""
    if isinstance(answer, HttpResponse):
        return answer
    context = dict(answer)
    template = context.pop("template")
    kwargs = {"conn": conn} if conn is not None else {}
    PageContext().prepare_context(request, context, **kwargs)
    response = render(request, template, context, status=status)
    return with_language(response)


def with_language(response: HttpResponse) -> HttpResponse:
    """Name the language of the page; OMERO.web's outermost template doesn't, and screen readers need it."""
    response.content = response.content.replace(b"<html xmlns", b'<html lang="en" xmlns', 1)
    return response


def error_page(error: Exception, request: HttpRequest) -> HttpResponse:
    """Return a page that says what went wrong and what to quote."""
    told, reference = explain(error, request)
    context = {"message": told.message, "reference": reference, "status": told.status}
    response = with_language(render(request, "omero_plugin_common/error.html", context, status=told.status))
    return protect(response)


def count_major_action(caller: Caller) -> None:
    """Count one against the user's rate limit; raises UserError 429 that says when to try again."""
    count(caller, MAJOR)


def count(caller: Caller, counter: Counter) -> None:
    """Count one on a counter of the user; raises UserError 429 that says when to try again."""
    verdict = rate_limiter().acquire(caller.owner.user_id, counter)
    if not verdict.allowed:
        raise UserError(verdict.message, status=429, retry_after_seconds=verdict.retry_after_seconds)


def _edge(
    view: View,
    methods: tuple[str, ...],
    handler: View,
    answer: Callable[[Exception, HttpRequest], HttpResponse],
) -> View:
    allowed = tuple(methods)

    @wraps(view)
    def edge(request: HttpRequest, **url: Any) -> HttpResponse:
        with timed(view) as outcome:
            try:
                if request.method not in allowed:
                    response = answer(UserError(f"Use {' or '.join(allowed)} here.", status=405), request)
                    response["Allow"] = ", ".join(allowed)
                else:
                    response = handler(request, **url)
            except Exception as error:  # noqa: BLE001 - the edge between plugins and the browser
                response = answer(error, request)
            outcome.status = response.status_code
            response.setdefault("Cache-Control", "no-store")
            return response

    return edge


def _json(request: HttpRequest) -> Any:
    if len(request.body) > LARGEST_BODY_BYTES:
        raise UserError(f"The request is larger than {LARGEST_BODY_BYTES // 1024 // 1024} MiB.", status=413)
    try:
        return json.loads(request.body or b"{}")
    except ValueError as error:
        raise UserError(f"The request is not JSON: {error}.") from error
