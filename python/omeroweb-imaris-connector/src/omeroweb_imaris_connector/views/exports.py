"""The one address that programs use (start, poll, download), and the list of a person's exports."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from omero_plugin_common.jobs import progress
from omero_plugin_common.models import FINISHED, Job, JobState
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api, count_major_action
from omeroweb_imaris_connector.config import imaris_settings
from omeroweb_imaris_connector.conversion.errors import ExportError
from omeroweb_imaris_connector.services import exports
from omeroweb_imaris_connector.views.download import download
from omeroweb_imaris_connector.views.query import ExportQuery, read_query

if TYPE_CHECKING:
    from omero_plugin_common.web.caller import Caller

LIST_LENGTH = 50
LOOK_SECONDS = 0.25
# Requests that wait hold a thread of the web server each.
MOST_WAITING = 2
_waiting = threading.BoundedSemaphore(MOST_WAITING)

STATES = {
    JobState.QUEUED: "RUNNING",
    JobState.RUNNING: "RUNNING",
    JobState.DONE: "FINISHED",
    JobState.FAILED: "FAILED",
    JobState.CANCELLED: "CANCELLED",
}


@api("GET", "POST", streaming=True)
def imaris_export(request: HttpRequest, caller: Caller) -> Any:
    """Start an export, tell how it stands, or send its file."""
    query = read_query(request)
    if query.job:
        try:
            job = exports.find_export(exports.internal_id(query.job), caller)
        except ValueError as error:
            raise UserError(f"job: {error}") from error
        return download(request, caller, job) if query.download else status(job, query.base_url)
    _refuse_other_sites(request)
    return _start(request, caller, query)


@api("GET")
def my_exports(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """The caller's latest exports."""
    return {"exports": [_listed(job) for job in exports.exports_of(caller, LIST_LENGTH)]}


def status(job: Job, base_url: str = "") -> dict[str, Any]:
    """What programs that poll get."""
    shown = progress.read(job.id) or progress.progress_of(job)
    state = STATES[JobState(job.state)]
    answer: dict[str, Any] = {
        "job_id": exports.public_id(job),
        "state": state,
        "finished": state == "FINISHED",
        "failed": state in ("FAILED", "CANCELLED"),
        "image": job.parameters.get("image_id"),
        "percent": 100 if state == "FINISHED" else shown.done,
        "created": job.created_at.isoformat(),
    }
    if state == "RUNNING":
        answer["status"] = shown.message or "Waiting for its turn"
    elif state == "FINISHED":
        result = job.result or {}
        answer |= {
            "download_url": _address(job, base_url, download=1),
            "name": result.get("name"),
            "size_bytes": result.get("size_bytes"),
            "cached": bool(result.get("cached")),
            "note": result.get("note", ""),
        }
    else:
        answer["error"] = job.error or "The export was cancelled."
        if job.reference:
            answer["reference"] = job.reference
    return answer


def _listed(job: Job) -> dict[str, Any]:
    return {
        **status(job),
        "id": job.id,
        "image_name": job.parameters.get("image_name") or f"Image {job.parameters.get('image_id')}",
    }


def _start(request: HttpRequest, caller: Caller, query: ExportQuery) -> Any:
    image_ids = _image_ids(caller, query)
    if query.waits and (len(image_ids) > 1 or query.dataset is not None):
        raise UserError("Several images can't be waited for; add async=1.")
    try:
        wanted = [
            exports.look_up(caller, image_id, query.options, refresh=query.refresh) for image_id in image_ids
        ]
    except ExportError as error:
        raise UserError(str(error), status=404) from error
    if any(one.job is None for one in wanted):
        count_major_action(caller)
    jobs = [exports.start(caller, one, query.options, refresh=query.refresh) for one in wanted]
    if query.waits:
        return _wait(request, caller, jobs[0], query.base_url)
    started = [_started(job, query.base_url) for job in jobs]
    return {"jobs": started} if query.dataset is not None or len(query.images) > 1 else started[0]


def _image_ids(caller: Caller, query: ExportQuery) -> list[int]:
    found = list(query.images)
    if query.dataset is not None:
        in_dataset = exports.images_in(caller, query.dataset)
        if not in_dataset:
            raise UserError(
                f"There is no dataset {query.dataset} with images, or you may not see it.", status=404
            )
        found = list(dict.fromkeys([*found, *in_dataset]))
    most = imaris_settings().most_images
    if len(found) > most:
        raise UserError(f"{len(found)} images are more than the {most} that can be exported at once.")
    return found


def _started(job: Job, base_url: str) -> dict[str, Any]:
    return {**status(job, base_url), "status_url": _address(job, base_url), "id": job.id}


def _address(job: Job, base_url: str, **more: int) -> str:
    route = reverse("omeroweb_imaris_connector_imaris_export")
    return f"{base_url}{route}?{urlencode({'job': exports.public_id(job), **more})}"


def _refuse_other_sites(request: HttpRequest) -> None:
    """Starting by GET stays possible for programs; a page of another site must not do it in a user's browser."""
    if request.method == "POST":
        return
    came_from = request.headers.get("Sec-Fetch-Site", "none")
    referer = request.headers.get("Origin") or request.headers.get("Referer")
    foreign = referer is not None and urlsplit(referer).netloc != request.get_host()
    if came_from not in ("none", "same-origin") or foreign:
        raise UserError("Exports can't be started from another site.", status=403)


def _wait(request: HttpRequest, caller: Caller, job: Job, base_url: str) -> HttpResponse:
    """Answer with the file once it is there."""
    if job.state not in FINISHED:
        if not _waiting.acquire(blocking=False):
            raise UserError(
                "Too many requests wait for their files already; add async=1 and poll.",
                status=503,
                retry_after_seconds=30,
            )
        try:
            _wait_for_end(job)
        finally:
            _waiting.release()
    if job.state == JobState.DONE:
        return download(request, caller, job)
    told = status(job, base_url)
    if job.state not in FINISHED:
        seconds = imaris_settings().sync_timeout_seconds
        told |= {
            "error": f"The export goes on after {seconds} seconds; poll status_url.",
            "status_url": _address(job, base_url),
        }
        return JsonResponse(told, status=504)
    return JsonResponse(told, status=500)


def _wait_for_end(job: Job) -> None:
    deadline = time.monotonic() + imaris_settings().sync_timeout_seconds
    while job.state not in FINISHED and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        job.refresh_from_db()
