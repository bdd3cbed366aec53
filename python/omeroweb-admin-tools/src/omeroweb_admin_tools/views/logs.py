"""Searching logs: page, entries, files, context, download, and the way from an error's reference to its entry."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api, page
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.services.logs.entries import LEVELS, LogEntry, split_container
from omeroweb_admin_tools.services.logs.query import (
    LONGEST_TEXT,
    MOST_ENTRIES,
    LogError,
    LogFilterError,
    LogPage,
    LogQuery,
)
from omeroweb_admin_tools.services.logs.shown import shown
from omeroweb_admin_tools.services.places import log_store
from omeroweb_admin_tools.views.frame import page_context

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

REFERENCE = re.compile(r"[0-9a-f]{6,32}")
REFERENCE_LOOKBACK_SECONDS = 30 * 86_400
MOST_CONTEXT_LINES = 200
SERVICES_WITH_FILES = ("omeroserver_internal", "omeroweb_internal")
FORMULA_STARTS = ("=", "+", "-", "@")

Name = Annotated[str, Field(min_length=1, max_length=200)]


class Search(BaseModel):
    """The parameters of a search, as they stand in an address."""

    model_config = ConfigDict(extra="ignore")

    container: list[Name] = []
    internal_file: list[Name] = []
    lookback: Annotated[int, Field(gt=0, le=31_536_000)] | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    limit: Annotated[int, Field(gt=0)] | None = None
    query: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    regex: bool = False
    level: list[Literal["debug", "info", "warn", "error", "fatal"]] = []


@page("GET", admin=True)
def logs_page(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Show the search."""
    wanted = admin_settings()
    return page_context(
        "logs",
        {
            "data": reverse("omeroweb_admin_tools_logs_data"),
            "sources": reverse("omeroweb_admin_tools_logs_sources"),
            "context": reverse("omeroweb_admin_tools_logs_context"),
            "download": reverse("omeroweb_admin_tools_logs_download"),
            "lookback": wanted.log_lookback_seconds,
            "levels": LEVELS,
        },
    )


@api("GET", admin=True)
def logs_data(request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return the newest matching entries."""
    found = _search(request)
    return {
        "entries": [_json(entry) for entry in found.entries],
        "truncated": found.truncated,
        "problems": list(found.problems),
    }


@api("GET", admin=True)
def logs_sources(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return the services that have logs, each with its internal files."""
    store = log_store()
    try:
        sources = store.sources()
    except LogError as error:
        raise UserError(str(error), status=502) from error
    return {
        "store": store.kind,
        "services": [{"service": name, "files": list(files)} for name, files in sources.items()],
    }


@api("GET", admin=True)
def internal_labels(request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return the names of a service's internal files."""
    service = request.GET.get("service", "")
    if service not in SERVICES_WITH_FILES:
        raise UserError(f"service is {service!r}; use one of {', '.join(SERVICES_WITH_FILES)}.")
    store = log_store()
    try:
        labels = store.sources().get(service.removesuffix("_internal"), ())
    except LogError as error:
        raise UserError(str(error), status=502) from error
    return {"service": service, "labels": list(labels)}


@api("GET", admin=True)
def logs_context(request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return the entries before and after one."""
    count = request.GET.get("lines", "10")
    if not count.isdigit() or int(count) > MOST_CONTEXT_LINES:
        raise UserError(f"lines is {count!r}; a number from 0 to {MOST_CONTEXT_LINES} is needed.")
    try:
        found = log_store().context(request.GET.get("id", ""), int(count), int(count))
    except LogError as error:
        raise UserError(str(error), status=404) from error
    return {"entries": [_json(entry) for entry in found.lines], "at": found.at}


@api("GET", admin=True)
def logs_download(request: HttpRequest, _caller: Caller) -> HttpResponse:
    """Return the entries of a search as tab-separated text, oldest first."""
    found = _search(request)
    lines = ["timestamp\tcontainer\tlevel\tmessage"]
    for entry in reversed(found.entries):
        facts = _json(entry)
        cells = (facts["timestamp"], facts["container"], facts["level"], facts["message"])
        lines.append("\t".join(_cell(cell) for cell in cells))
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/tab-separated-values; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="omero_logs.txt"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@page("GET", admin=True)
def logs_reference(_request: HttpRequest, _caller: Caller, *, reference: str) -> HttpResponse:
    """Go to the search for an error's reference, through all logs of the last month."""
    if not REFERENCE.fullmatch(reference):
        raise UserError("A reference has 6 to 32 digits and letters from a to f.", status=404)
    query = urlencode({"query": reference, "lookback": REFERENCE_LOOKBACK_SECONDS})
    return HttpResponseRedirect(f"{reverse('omeroweb_admin_tools_logs')}?{query}")


def _search(request: HttpRequest) -> LogPage:
    parameters: dict[str, Any] = {
        key: request.GET.getlist(key) if key in ("container", "internal_file", "level") else value
        for key, value in request.GET.items()
        if value != ""
    }
    query = log_query(Search.model_validate(parameters), datetime.now(UTC))
    try:
        return log_store().search(query)
    except LogFilterError as error:
        raise UserError(str(error)) from error
    except LogError as error:
        raise UserError(str(error), status=502) from error


def log_query(search: Search, now: datetime) -> LogQuery:
    """Return the search with its defaults filled in; raises UserError for an impossible time range."""
    wanted = admin_settings()
    end = search.end or now + timedelta(seconds=5)  # clocks differ a little
    start = search.start or end - timedelta(seconds=search.lookback or wanted.log_lookback_seconds)
    if start >= end:
        raise UserError("The time range ends before it starts.")
    sources = [(name, None) for name in search.container]
    return LogQuery(
        start=start,
        end=end,
        sources=(*sources, *(split_container(name) for name in search.internal_file)),
        text=search.query,
        is_regex=search.regex,
        levels=frozenset(search.level),
        limit=min(search.limit or wanted.log_max_entries, wanted.log_max_entries, MOST_ENTRIES),
        timeout_seconds=wanted.log_timeout_seconds,
    )


def _json(entry: LogEntry) -> dict[str, str]:
    """Return an entry for the browser; nothing leaves this module without its secrets taken out."""
    return {**entry.as_json(), "message": shown(entry.message)}


def _cell(text: str) -> str:
    """Return a text for one cell: on one line, and never a formula for a spreadsheet."""
    flat = text.replace("\t", " ").replace("\r", "").replace("\n", " ⏎ ")
    return f"'{flat}" if flat.startswith(FORMULA_STARTS) else flat
