"""Jobs over HTTP: list, poll, cancel, retry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from omero_plugin_common.jobs import progress, service
from omero_plugin_common.jobs.errors import JobNotFoundError
from omero_plugin_common.jobs.kinds import known_kinds
from omero_plugin_common.metrics.requests import timed
from omero_plugin_common.web.answers import json_error
from omero_plugin_common.web.caller import session_user_id
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api

if TYPE_CHECKING:
    from omero_plugin_common.web.caller import Caller

LIST_LENGTH = 100


def poll(request: HttpRequest, job_id: str) -> HttpResponse:
    """Return a job's progress from its file, without touching OMERO or writing anywhere.

    The owner is known from the web session; anybody else is sent through the full check.
    """
    with timed(poll) as outcome:
        response = _poll(request, job_id)
        outcome.status = response.status_code
        return response


def _poll(request: HttpRequest, job_id: str) -> HttpResponse:
    if request.method != "GET":
        return json_error(UserError("Use GET here.", status=405), request)
    user_id = session_user_id(request)
    if user_id is None:
        return json_error(UserError("You are not logged in, or your session has ended.", status=401), request)
    try:
        shown = progress.read(job_id)
    except ValueError as error:
        return json_error(UserError(str(error), status=404), request)
    if shown is None or shown.owner_id != user_id:
        response: HttpResponse = poll_checked(request, job_id=job_id)
        return response
    return progress_response(request, shown)


@api("GET")
def poll_checked(request: HttpRequest, caller: Caller, *, job_id: str) -> HttpResponse:
    """Return the progress of a job that has no file here, or that an administrator looks at."""
    job = service.find_job(job_id, caller.owner.user_id, is_admin=caller.is_admin)
    return progress_response(request, progress.read(job_id) or progress.progress_of(job))


@api("GET")
def list_jobs(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the caller's latest jobs; administrators get everybody's with `?all=1`, `?kind=` narrows."""
    wants_all = request.GET.get("all") == "1"
    if wants_all and not caller.is_admin:
        raise UserError("Only administrators may list other people's jobs.", status=403)
    rows = service.visible_jobs(caller.owner.user_id, is_admin=wants_all)
    if kind := request.GET.get("kind"):
        rows = rows.filter(kind=kind)
    jobs = [
        {**as_json(progress.read(job.id) or progress.progress_of(job)), "user": job.username}
        for job in rows.order_by("-created_at")[:LIST_LENGTH]
    ]
    return {"jobs": jobs}


@api("POST")
def cancel(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Ask for a job's end."""
    job = service.find_job(job_id, caller.owner.user_id, is_admin=caller.is_admin)
    return as_json(progress.progress_of(service.cancel(job, caller.owner)))


@api("POST")
def retry(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Start a failed or cancelled job again; only its owner may, because it acts in the owner's name."""
    job = service.find_job(job_id, caller.owner.user_id, is_admin=caller.is_admin)
    if job.owner_id != caller.owner.user_id:
        raise JobNotFoundError("Only the owner of a job can start it again.")
    return as_json(progress.progress_of(service.retry(job, caller.owner)))


def progress_response(request: HttpRequest, shown: progress.Progress) -> HttpResponse:
    """Return the progress, or 304 when the browser has it already."""
    body = as_json(shown)
    tag = f'"{shown.claims}-{shown.version}-{shown.state}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse = HttpResponse(status=304)
    else:
        response = JsonResponse(body)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def as_json(shown: progress.Progress) -> dict[str, Any]:
    """Return what browsers get of a job."""
    kind = known_kinds().get(shown.kind)
    percent = 100.0 * shown.done / shown.total if shown.total else (100.0 if shown.state == "done" else 0.0)
    return {
        "id": shown.id,
        "kind": shown.kind,
        "title": kind.title if kind else shown.kind,
        "state": "cancelling" if shown.cancel_requested and not shown.finished_state else shown.state,
        "done": shown.done,
        "total": shown.total,
        "percent": round(percent, 1),
        "eta_seconds": eta_seconds(shown, datetime.now(UTC)),
        "message": shown.message,
        "finished": shown.finished_state,
        "created": shown.created,
        "started": shown.started,
        "ended": shown.finished,
        "result": shown.result,
        "error": shown.error,
        "reference": shown.reference,
    }


def eta_seconds(shown: progress.Progress, now: datetime) -> int | None:
    """Return how long the rest will take at the speed so far, None when nothing can be said."""
    if shown.finished_state or not shown.started or not shown.done or shown.total <= shown.done:
        return None
    elapsed = (now - datetime.fromisoformat(shown.started)).total_seconds()
    return round(elapsed / shown.done * (shown.total - shown.done))
