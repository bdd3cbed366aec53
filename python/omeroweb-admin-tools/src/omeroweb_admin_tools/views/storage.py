"""Storage: page, figures, CSV, and measuring anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse

from omero_plugin_common.jobs import service
from omero_plugin_common.models import UNFINISHED, Job
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api, page
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.services.quotas.reconcile import quota_report
from omeroweb_admin_tools.services.storage.report import as_csv, report
from omeroweb_admin_tools.services.storage.views import VIEWS
from omeroweb_admin_tools.tasks import MEASURE
from omeroweb_admin_tools.views.frame import page_context

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


@page("GET", admin=True)
def storage_page(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Show who uses how much."""
    return page_context(
        "storage",
        {
            "data": reverse("omeroweb_admin_tools_storage_data"),
            "export": reverse("omeroweb_admin_tools_storage_export"),
            "measure": reverse("omeroweb_admin_tools_storage_measure"),
            "job": reverse("omero_plugin_common_job", args=["0" * 32]).replace("0" * 32, "{id}"),
            "image": reverse("webindex") + "?show=image-{id}",
            "project": reverse("webindex") + "?show=project-{id}",
        },
    )


@api("GET", admin=True)
def storage_data(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Return the newest figures, the quotas, and a measurement that is under way."""
    found = report(admin_settings().data_dir, datetime.now(UTC))
    job = Job.objects.filter(kind=MEASURE, state__in=UNFINISHED).order_by("-created_at").first()
    groups = [row["group"] for row in found["by_group"]]
    return {**found, "quotas": quota_report(groups), "measuring": job.id if job else None}


@api("GET", admin=True)
def storage_export(request: HttpRequest, _caller: Caller) -> HttpResponse:
    """Return one view as CSV."""
    view = request.GET.get("view", "user")
    if view not in VIEWS:
        raise UserError(f"view is {view!r}; use one of {', '.join(VIEWS)}.")
    text = as_csv(report(admin_settings().data_dir, datetime.now(UTC)), view)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="omero-storage-{view}.csv"'
    return response


@api("POST", admin=True)
def storage_measure(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Measure now; while a measurement is under way, that one is returned."""
    running = Job.objects.filter(kind=MEASURE, state__in=UNFINISHED).order_by("-created_at").first()
    job = running or service.submit(MEASURE, caller.owner, {}, group_id=caller.group_id)
    return {"job_id": job.id}
