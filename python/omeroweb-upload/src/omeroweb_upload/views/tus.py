"""The tus endpoint: one address per file, at which its bytes arrive in any number of requests.

Who calls is known from the web session alone, without a round trip to OMERO, because a file can take thousands of
requests; making an upload asks OMERO.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from omero_plugin_common.metrics.requests import timed
from omero_plugin_common.web.answers import json_error
from omero_plugin_common.web.caller import session_user_id
from omero_plugin_common.web.views import api
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import FileState
from omeroweb_upload.services import metrics
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.files import discard_file
from omeroweb_upload.services.receive import receive
from omeroweb_upload.services.requests import FileEntry, StartRequest
from omeroweb_upload.services.sessions import advance, arrived, find_file, find_session
from omeroweb_upload.services.start import add_files, start
from omeroweb_upload.services.targets import group_name
from omeroweb_upload.views import tus_headers
from omeroweb_upload.views.access import refuse_root
from omeroweb_upload.views.body import body_reader, content_length
from omeroweb_upload.views.slots import slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_plugin_common.web.caller import Caller
    from omeroweb_upload.models import UploadFile

    Handler = Callable[..., HttpResponse]


def uploads(request: HttpRequest) -> HttpResponse:
    """OPTIONS tells what the server can, POST makes a file."""
    handlers: dict[str, Handler] = {"OPTIONS": _options, "POST": _create}
    return _edge(uploads, request, handlers)


def upload(request: HttpRequest, upload_id: str) -> HttpResponse:
    """HEAD tells the offset, PATCH brings bytes, DELETE ends it."""
    handlers: dict[str, Handler] = {"OPTIONS": _options, "HEAD": _head, "PATCH": _patch, "DELETE": _delete}
    return _edge(upload, request, handlers, upload_id=upload_id)


def _edge(
    view: Handler,
    request: HttpRequest,
    handlers: dict[str, Handler],
    **url: str,
) -> HttpResponse:
    settings = upload_settings()
    with timed(view) as outcome:
        try:
            response = _dispatch(request, handlers, url)
        except Exception as error:  # noqa: BLE001 - the edge between the plugin and tus clients
            response = json_error(error, request)
            reason = error.reason if isinstance(error, UploadError) else type(error).__name__
            metrics.FAILURES.labels("transfer", reason).inc()
            if response.status_code == 412:
                tus_headers.add_abilities(response, settings)
            if response.status_code == 503:
                response["Retry-After"] = "1"
        outcome.status = response.status_code
        return tus_headers.add_common(response)


def _dispatch(request: HttpRequest, handlers: dict[str, Handler], url: dict[str, str]) -> HttpResponse:
    method = request.headers.get("X-HTTP-Method-Override") if request.method == "POST" else None
    method = method or request.method or ""
    handler = handlers.get(method)
    if handler is None:
        response = json_error(UploadError(f"Use {', '.join(handlers)} here.", status=405), request)
        response["Allow"] = ", ".join(handlers)
        return response
    if method != "OPTIONS":
        tus_headers.check_version(request)
    return handler(request, **url)


def _options(_request: HttpRequest, **_url: str) -> HttpResponse:
    return tus_headers.add_abilities(HttpResponse(status=204), upload_settings())


def _owner_id(request: HttpRequest) -> int:
    user_id = session_user_id(request)
    if user_id is None:
        raise UploadError("You are not logged in, or your session has ended.", status=401, reason="login")
    return user_id


@api("POST")
def _create(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Make a file in an upload (`job_id` of the metadata) or in a new one of its own."""
    refuse_root(caller)
    settings = upload_settings()
    size = tus_headers.number(request, "Upload-Length")
    facts = tus_headers.metadata(request)
    name = facts.get("relativePath") or facts.get("relative_path") or facts.get("filename") or "upload"
    entry = FileEntry(relative_path=name, size=size)
    if job_id := facts.get("job_id"):
        session = find_session(job_id, caller.owner.user_id)
        row = add_files(settings, session, [entry], more_files=session.options.get("open", False))[0]
    else:
        wanted = StartRequest(files=[entry], title=name, auto_import=facts.get("import") == "yes")
        name_of_group = group_name(caller.conn, caller.group_id)
        session, _ = start(settings, caller.owner, caller.group_id, wanted, group_name=name_of_group)
        row = session.files.get()
    row.session = session
    response = HttpResponse(status=201)
    response["Location"] = request.build_absolute_uri(reverse("omeroweb_upload_tus_file", args=[row.id]))
    response["X-Upload-Job"] = session.id
    if request.content_type == tus_headers.CONTENT_TYPE and content_length(request) != 0:
        _receive(request, row, 0)
    elif row.state == FileState.UPLOADED:
        advance(session)
    return tus_headers.add_file(response, row, settings)


def _head(request: HttpRequest, upload_id: str) -> HttpResponse:
    row = find_file(upload_id, _owner_id(request))
    # A file that came whole stays so when it is imported and removed here: its sender may ask late.
    removed = row.session.options.get("pruned") and row.offset < row.size
    if row.state == FileState.ERROR or removed:
        raise UploadError("This file is gone from the server.", status=410, reason="gone")
    response = HttpResponse(status=200)
    response["Upload-Length"] = str(row.size)
    return tus_headers.add_file(response, row, upload_settings())


def _patch(request: HttpRequest, upload_id: str) -> HttpResponse:
    if request.content_type != tus_headers.CONTENT_TYPE:
        raise UploadError(f"Send the bytes as {tus_headers.CONTENT_TYPE}.", status=415, reason="protocol")
    row = find_file(upload_id, _owner_id(request))
    _receive(request, row, tus_headers.number(request, "Upload-Offset"))
    return tus_headers.add_file(HttpResponse(status=204), row, upload_settings())


def _receive(request: HttpRequest, row: UploadFile, offset: int) -> None:
    settings = upload_settings()
    checksum = tus_headers.checksum(request)
    with (
        slot(row.session.owner_id, in_process=settings.requests_at_once),
        body_reader(request, settings.idle_seconds) as read,
    ):
        receive(settings, row, offset, read, length=content_length(request), checksum=checksum)
    if row.state == FileState.UPLOADED:
        arrived(row.session)


def _delete(request: HttpRequest, upload_id: str) -> HttpResponse:
    row = find_file(upload_id, _owner_id(request))
    discard_file(upload_settings(), row)
    advance(row.session)
    return HttpResponse(status=204)
