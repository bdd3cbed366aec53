"""JSON of spectra and attachments: what can be brought together, previews, jobs, undoing, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from pydantic import BaseModel, Field

from omero_plugin_common.jobs import service
from omero_plugin_common.jobs.errors import JobFailedError
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api
from omeroweb_upload.services import edx_settings
from omeroweb_upload.services.edx_files import collection_json, of_dataset, of_upload
from omeroweb_upload.services.edx_items import METHOD_KEY, UndoParameters
from omeroweb_upload.services.edx_jobs import UNDO_KIND
from omeroweb_upload.services.edx_plan import LinksRequest, make_plan, plan_json, start
from omeroweb_upload.services.edx_undo import job_to_undo
from omeroweb_upload.services.edx_uploads import choose_automatically

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.models import Job
    from omero_plugin_common.web.caller import Caller

MAX_PATHS = 20_000


class MethodRequest(BaseModel):
    """Which special method is meant, and what to save for it."""

    method: str = Field(max_length=100)
    settings: dict[str, Any] | None = Field(default=None, max_length=100)


class PathsRequest(BaseModel):
    """Names before anything is uploaded: spectra with the titles inside them, and images."""

    spectra: list[tuple[str, str]] = Field(max_length=MAX_PATHS)
    images: list[str] = Field(max_length=MAX_PATHS)


@api("GET")
def files(request: HttpRequest, caller: Caller, *, method: str) -> dict[str, Any]:
    """Images and files of `?dataset=` or `?upload=`, with the image each file seems to belong to."""
    edx_settings.check_enabled(method)
    spectra = method == METHOD_KEY
    dataset, upload = request.GET.get("dataset", ""), request.GET.get("upload", "")
    if dataset.isdecimal() and len(dataset) < 19:
        return collection_json(of_dataset(caller, int(dataset), spectra=spectra))
    if upload:
        return collection_json(of_upload(caller, upload, spectra=spectra))
    raise UserError("Name a dataset by ?dataset= and its number, or an upload by ?upload= and its id.")


@api("POST", body=LinksRequest)
def preview(_request: HttpRequest, caller: Caller, *, method: str, body: LinksRequest) -> dict[str, Any]:
    """What linking would make, without making it."""
    edx_settings.check_enabled(method)
    return plan_json(caller, make_plan(caller, body, method), method)


@api("POST", body=LinksRequest, major=True)
def begin(_request: HttpRequest, caller: Caller, *, method: str, body: LinksRequest) -> dict[str, Any]:
    """Start attaching in the caller's name."""
    edx_settings.check_enabled(method)
    return _started(start(caller, body, method))


@api("POST", body=UndoParameters)
def undo(_request: HttpRequest, caller: Caller, *, body: UndoParameters) -> dict[str, Any]:
    """Take away what a job attached; asked twice it is the same job."""
    try:
        group_id = job_to_undo(body.job_id, caller.owner).job.group_id
    except JobFailedError as error:
        raise UserError(str(error), status=404) from error
    job = service.submit(
        UNDO_KIND, caller.owner, body.model_dump(), group_id=group_id, idempotency_key=body.job_id
    )
    return _started(job)


def _started(job: Job) -> dict[str, Any]:
    return {"job_id": job.id, "status_url": reverse("omero_plugin_common_job", args=[job.id])}


@api("POST", body=PathsRequest)
def associate(_request: HttpRequest, _caller: Caller, *, body: PathsRequest) -> dict[str, Any]:
    """Bring spectra and images together by name and folder, for a page that has not uploaded them yet."""
    return choose_automatically(body.spectra, body.images)


@api("POST", body=MethodRequest)
def save_settings(_request: HttpRequest, caller: Caller, *, body: MethodRequest) -> dict[str, Any]:
    """Save what the user wants of a special method."""
    saved = edx_settings.save_settings(caller.owner, body.method, body.settings or {})
    return {"success": True, "message": "Saved.", "settings": saved}


@api("POST", body=MethodRequest)
def load_settings(_request: HttpRequest, caller: Caller, *, body: MethodRequest) -> dict[str, Any]:
    """Load what the user saved for a special method, null if nothing was."""
    return {"success": True, "settings": edx_settings.load_settings(caller.owner, body.method)}


@api("POST", "DELETE", body=MethodRequest)
def delete_settings(_request: HttpRequest, caller: Caller, *, body: MethodRequest) -> dict[str, Any]:
    """Forget what the user saved for a special method."""
    deleted = edx_settings.delete_settings(caller.owner, body.method)
    return {"success": True, "message": "Deleted." if deleted else "There was nothing to delete."}
