"""Routes as scripts of older systems call them: one project, image ids, separators, what to delete before."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Literal

from django.http import JsonResponse
from pydantic import BaseModel, Field, field_validator

from omero_plugin_common.jobs.progress import progress_of
from omero_plugin_common.models import FINISHED, Job
from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import project as query_rows
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api, count_major_action, page
from omeroweb_omp_plugin import routes_ai
from omeroweb_omp_plugin.config import omp_settings
from omeroweb_omp_plugin.merge.model import Policy
from omeroweb_omp_plugin.services import browse
from omeroweb_omp_plugin.services.reauth import confirm_identity
from omeroweb_omp_plugin.services.recipes import ReadingModel, RecipeModel, Text
from omeroweb_omp_plugin.services.sources import LARGEST_ID, Target, find_images
from omeroweb_omp_plugin.services.starting import (
    entries_of,
    start_acquisition,
    start_removal,
    start_write,
)
from omeroweb_omp_plugin.store.runs import WrittenObject
from omeroweb_omp_plugin.views import pages
from omeroweb_omp_plugin.views.access import ROOT, refuse_root, user_api
from omeroweb_omp_plugin.views.errors import told
from omeroweb_omp_plugin.views.reading import only

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from omero_plugin_common.web.caller import Caller
    from omeroweb_omp_plugin.services.sources import Source

POLICIES = {"keep": Policy.KEEP, "plugin": Policy.REPLACE_OWN, "all": Policy.REPLACE_ALL}
WAIT_SECONDS, LOOK_SECONDS = 50.0, 0.2


class ProjectImages(BaseModel):
    """Images of one project, as a list or as text with commas."""

    project_id: int = Field(ge=0, le=LARGEST_ID)
    image_ids: list[int] = Field(min_length=1, max_length=200_000)
    chunk_size: int | None = None

    @field_validator("image_ids", mode="before")
    @classmethod
    def from_text(cls, ids: Any) -> Any:
        """Take "1,2,3" too."""
        return [part for part in re.split(r"[\s,;]+", ids) if part] if isinstance(ids, str) else ids

    @property
    def batch(self) -> int | None:
        """The size of a batch when it is a possible one."""
        return self.chunk_size if self.chunk_size is not None and 1 <= self.chunk_size <= 100 else None


class StartModel(ProjectImages):
    """What to write; `rows` are values found elsewhere, as mode ai_parse has them."""

    separator: Text = "_-."
    separator_mode: Literal["chars", "regex", "ai_regex", "ai_parse"] = "chars"
    var_names: list[Text] = Field(default_factory=list)
    delete_mode: Literal["keep", "all", "plugin"] = "keep"
    rows: list[dict[str, Any]] = Field(default_factory=list, max_length=200_000)


class DeleteModel(ProjectImages):
    """The caller's password; without one the login has to be fresh."""

    password: str | None = Field(default=None, max_length=1000, repr=False)


class DeleteProjectModel(BaseModel):
    """All images of a project."""

    project_id: int = Field(ge=0, le=LARGEST_ID)
    password: str | None = Field(default=None, max_length=1000, repr=False)


def index(request: HttpRequest) -> HttpResponse:
    """GET shows the page; POST does what the form's `action` says, or shows the page with the form's choice."""
    action = request.POST.get("action", "") if request.method == "POST" else ""
    actions = {"list_datasets": list_datasets, **routes_ai.actions}
    if request.method == "POST":
        answer: HttpResponse = actions.get(action, form_preview)(request)
    else:
        answer = pages.studio(request)
    return answer


@user_api("POST")
def list_datasets(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the datasets of the form's project by name, with image counts and formats."""
    number = request.POST.get("project", "")
    if not number.isdecimal() or len(number) > 18:
        raise UserError("Choose a project.")
    check_project(caller, int(number))
    found = browse.children(caller, "Project", int(number))
    formats = formats_of(caller.conn, [entry["id"] for entry in found])
    return {
        "datasets": [
            {
                "id": entry["id"],
                "name": entry["name"],
                "image_count": entry["count"],
                "formats": formats.get(entry["id"], []),
            }
            for entry in found
        ]
    }


@page("POST")
def form_preview(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Show the page with the form's datasets and separators; the preview follows there."""
    datasets = re.findall(r"\d{1,18}", request.POST.get("selected_datasets", ""))
    project = re.findall(r"\d{1,18}", request.POST.get("project", ""))[:1]
    targets = [{"type": "Dataset", "id": int(number)} for number in datasets]
    targets = targets or [{"type": "Project", "id": int(number)} for number in project]
    separator, mode = request.POST.get("separator", "_-."), request.POST.get("separator_mode", "chars")
    recipe = (
        {"mode": "chars", "separators": separator[:20]}
        if mode == "chars"
        else {"mode": "regex", "pattern": separator}
    )
    try:
        refuse_root(caller)
        count_major_action(caller)
    except UserError as refusal:
        return pages.studio_context(caller, []) | {"error_message": refusal.message}
    return pages.studio_context(caller, targets, recipe)


@user_api("GET")
def projects(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the caller's projects, and those of others in groups where the caller may write or annotate."""
    found = browse.containers(caller, "Project")
    shared = browse.groups_of(caller)
    others = [
        {"id": box["id"], "name": box["name"], "owner": box["owner"], "access": box["access"]}
        for box in found["others"]
    ]
    return {
        "owned": [{"id": box["id"], "name": box["name"]} for box in found["owned"]],
        "collab": [box for box in others if box["access"] == browse.READ_WRITE],
        "collab_annotate": [box for box in others if box["access"] == browse.READ_ANNOTATE],
        "collab_available": bool(shared),
    }


@api("GET")
def root_status(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Say whether the caller is root, who can't use the plugin."""
    return {"is_root_user": caller.owner.username == ROOT}


@user_api("POST", body=StartModel, major=True)
def start_job(_request: HttpRequest, caller: Caller, *, body: StartModel) -> dict[str, Any]:
    """Start writing pairs."""
    images = project_images(caller, body.project_id, body.image_ids)
    recipe = RecipeModel(
        mode="chars" if body.separator_mode in ("chars", "ai_parse") else "regex",
        separators=body.separator if body.separator_mode == "chars" else "_",
        pattern=body.separator if body.separator_mode != "chars" else "",
        names=body.var_names,
    )
    reading = ReadingModel(targets=[], recipe=recipe)
    with told():
        entries = entries_of(reading, images, omp_settings().terms)
    if body.separator_mode == "ai_parse":
        values = values_by_image(body)
        entries = [
            (kind, number, name, values.get(number, ()), "" if number in values else "No values were given.")
            for kind, number, name, _, _ in entries
        ]
    job = start_write(caller.owner, entries, POLICIES[body.delete_mode], batch=body.batch)
    return {"job_id": job.id, "total": job.total}


@user_api("POST", body=ProjectImages, major=True)
def start_acq_job(_request: HttpRequest, caller: Caller, *, body: ProjectImages) -> dict[str, Any]:
    """Start copying acquisition metadata."""
    images = project_images(caller, body.project_id, body.image_ids)
    job = start_acquisition(caller.owner, images, batch=body.batch)
    return {"job_id": job.id, "total": job.total}


@user_api("POST", body=DeleteModel, major=True)
def start_delete_all_job(request: HttpRequest, caller: Caller, *, body: DeleteModel) -> dict[str, Any]:
    """Start removing every map annotation the caller may remove."""
    return start_delete(request, caller, body, everybodys=True)


@user_api("POST", body=DeleteModel, major=True)
def start_delete_plugin_job(request: HttpRequest, caller: Caller, *, body: DeleteModel) -> dict[str, Any]:
    """Start removing the caller's own annotations, those whose mark fits."""
    return start_delete(request, caller, body, everybodys=False)


@user_api("POST", body=DeleteProjectModel, major=True)
def delete_all(request: HttpRequest, caller: Caller, *, body: DeleteProjectModel) -> JsonResponse:
    """Remove every map annotation from a project's images and wait for the end."""
    job = delete_in_project(request, caller, body, everybodys=True)
    _, annotations, errors = removed(job)
    answer = {"ok": job.state == "done" and not errors, "deleted_count": annotations, "errors": errors}
    return waited(job, answer)


@user_api("POST", body=DeleteProjectModel, major=True)
def delete_plugin(request: HttpRequest, caller: Caller, *, body: DeleteProjectModel) -> JsonResponse:
    """Remove the caller's own annotations from a project's images and wait for the end."""
    job = delete_in_project(request, caller, body, everybodys=False)
    images, annotations, errors = removed(job)
    answer = {
        "ok": job.state == "done" and not errors,
        "deleted_images": images,
        "deleted_annotations": annotations,
        "errors": errors,
    }
    return waited(job, answer)


def start_delete(
    request: HttpRequest, caller: Caller, body: DeleteModel, *, everybodys: bool
) -> dict[str, Any]:
    """Check who asks, then start."""
    confirm_identity(request, caller, body.password, omp_settings().fresh_login_seconds)
    images = project_images(caller, body.project_id, body.image_ids)
    job = start_removal(caller.owner, images, everybodys=everybodys, batch=body.batch)
    return {"job_id": job.id, "total": job.total}


def delete_in_project(
    request: HttpRequest, caller: Caller, body: DeleteProjectModel, *, everybodys: bool
) -> Job:
    """Start a removal on the whole project and wait for its end, or for as long as a request may take."""
    confirm_identity(request, caller, body.password, omp_settings().fresh_login_seconds)
    check_project(caller, body.project_id)
    target = Target(type="Project", id=body.project_id)
    images = find_images(caller.conn, [target], most=omp_settings().most_images)
    job = start_removal(caller.owner, images, everybodys=everybodys)
    deadline = time.monotonic() + WAIT_SECONDS
    while job.state not in FINISHED and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        job.refresh_from_db()
    return job


def waited(job: Job, answer: dict[str, Any]) -> JsonResponse:
    """The end, or 202 with the job's id when it goes on."""
    if job.state in FINISHED:
        return JsonResponse(answer)
    message = f"Still running ({progress_of(job).done} of {job.total}); see progress/{job.id}/."
    return JsonResponse(answer | {"ok": False, "errors": [message], "job_id": job.id}, status=202)


def removed(job: Job) -> tuple[int, int, list[str]]:
    """How many images and annotations a removal changed, and what went wrong."""
    rows = list(WrittenObject.objects.filter(job_id=job.id).order_by("id"))
    ended = [row for row in rows if row.state != "planned"]
    errors = [f"Image {row.object_id}: {row.message}" for row in ended if row.state == "failed"]
    if job.error:
        errors.append(job.error)
    return sum(bool(row.operations) for row in ended), sum(len(row.operations) for row in ended), errors


def check_project(caller: Caller, number: int) -> None:
    """Raise UserError unless the project is the caller's, or its group lets members annotate."""
    query = "select p.details.owner.id, p.details.group.id from Project p where p.id in (:ids)"
    with in_group(caller.conn, ALL_GROUPS):
        rows = query_rows(caller.conn, query, [number])
    if not rows or (rows[0][0] != caller.owner.user_id and rows[0][1] not in browse.groups_of(caller)):
        raise UserError(f"There is no project {number} that you may annotate.")


def project_images(caller: Caller, project_id: int, image_ids: list[int]) -> list[Source]:
    """The images with these ids in the project, all of which have to be there."""
    check_project(caller, project_id)
    target = Target(type="Project", id=project_id)
    return only(find_images(caller.conn, [target], most=omp_settings().most_images), image_ids)


def values_by_image(body: StartModel) -> dict[int, tuple[tuple[str, str], ...]]:
    """The pairs of `rows`: [{"img_id": 5, "values": ["a", "b"]}, …]. Raises UserError."""
    found = {}
    for row in body.rows:
        number, values = row.get("img_id"), row.get("values")
        if not isinstance(number, int) or not isinstance(values, list):
            raise UserError('rows is a list like [{"img_id": 5, "values": ["a", "b"]}].')
        cells: dict[str, str | None] = {
            (body.var_names[place].strip() if place < len(body.var_names) else "") or f"Var{place + 1}": str(
                value
            )
            for place, value in enumerate(values)
            if str(value).strip()
        }
        checked = ReadingModel(targets=[], corrections={number: cells}).corrections[number]
        found[number] = tuple((key, value) for key, value in checked.items() if value)
    return found


def formats_of(conn: Any, datasets: list[int]) -> dict[int, list[str]]:
    """The file formats in each dataset, in one query."""
    query = (
        "select distinct dil.parent.id, image.format.value from Image image join image.datasetLinks dil "
        "where dil.parent.id in (:ids) and image.format is not null"
    )
    found: dict[int, list[str]] = {}
    with in_group(conn, ALL_GROUPS):
        for number, value in query_rows(conn, query, datasets) if datasets else ():
            found.setdefault(number, []).append(value)
    return {number: sorted(values) for number, values in found.items()}
