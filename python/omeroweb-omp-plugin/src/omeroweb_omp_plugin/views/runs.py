"""Following jobs, seeing what they did to each object, taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import JsonResponse

from omero_plugin_common.jobs import progress, service
from omero_plugin_common.jobs.errors import JobNotFoundError
from omero_plugin_common.jobs.views import as_json
from omero_plugin_common.models import FINISHED, Job
from omero_plugin_common.web.errors import UserError
from omeroweb_omp_plugin.services.starting import start_undo
from omeroweb_omp_plugin.store.runs import ObjectState, WrittenObject
from omeroweb_omp_plugin.views.access import user_api

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

KINDS = ("omp.write", "omp.remove", "omp.acquisition", "omp.undo")
UNDOABLE = ("omp.write", "omp.remove", "omp.acquisition")
LISTED = 30
ROWS_SHOWN = 5000


@user_api("GET")
def runs(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the caller's latest jobs of this plugin, and which of them can be taken back."""
    jobs = list(
        Job.objects.filter(owner_id=caller.owner.user_id, kind__in=KINDS).order_by("-created_at")[:LISTED]
    )
    changed = set(
        WrittenObject.objects.filter(job_id__in=[job.id for job in jobs])
        .exclude(operations=[])
        .exclude(state=ObjectState.UNDONE)
        .values_list("job_id", flat=True)
        .distinct()
    )
    return {
        "runs": [
            as_json(progress.read(job.id) or progress.progress_of(job))
            | {"undoable": job.kind in UNDOABLE and job.state in FINISHED and job.id in changed}
            for job in jobs
        ]
    }


@user_api("GET")
def results(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Return what a job did to each object: those that failed first."""
    own_job(caller, job_id)
    rows = WrittenObject.objects.filter(job_id=job_id).order_by("id")
    found = [
        {
            "type": row.object_type,
            "id": row.object_id,
            "name": row.name,
            "state": row.state,
            "label": ObjectState(row.state).label,
            "message": row.message,
            "changes": len(row.operations) if row.state != ObjectState.PLANNED else 0,
        }
        for row in rows
    ]
    found.sort(key=lambda row: row["state"] not in {ObjectState.FAILED, ObjectState.PLANNED})
    return {"rows": found[:ROWS_SHOWN], "total": len(found)}


@user_api("POST", major=True)
def undo(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Start taking back what a job did."""
    job = own_job(caller, job_id)
    if job.kind not in UNDOABLE:
        raise UserError("This job can't be taken back.", status=409)
    if job.state not in FINISHED:
        raise UserError("This job is still running. Cancel it first, or wait.", status=409)
    started = start_undo(caller.owner, job)
    return {"job_id": started.id, "total": started.total}


def own_job(caller: Caller, job_id: str) -> Job:
    """The caller's job of this plugin. Raises JobNotFoundError, which becomes 404."""
    job = service.find_job(job_id, caller.owner.user_id, is_admin=False)
    if job.kind not in KINDS:
        raise UserError("This is no job of the OMP plugin.", status=404)
    return job


@user_api("GET")
def job_progress(_request: HttpRequest, caller: Caller, *, job_id: str) -> Any:
    """Return a job's progress in the form that older scripts know."""
    try:
        job = own_job(caller, job_id)
    except (JobNotFoundError, UserError) as missing:
        return JsonResponse({"error": str(missing), "finished": True}, status=404)
    shown = as_json(progress.read(job_id) or progress.progress_of(job))
    return {
        "done": shown["done"],
        "total": shown["total"],
        "percent": shown["percent"],
        "eta_seconds": shown["eta_seconds"],
        "finished": shown["finished"],
        "last_log": shown["error"] or shown["message"],
    }
