"""Quotas: page, state, changes by form and by CSV, dry run, reconciliation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from django.http import HttpResponse
from django.urls import reverse
from pydantic import BaseModel, ConfigDict, Field

from omero_plugin_common import audit
from omero_plugin_common.config import quota_settings
from omero_plugin_common.quota.state import QuotaStateError
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import api, page
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.services.quotas import changes, csv_file
from omeroweb_admin_tools.services.quotas.reconcile import quota_report, reconcile
from omeroweb_admin_tools.views.frame import page_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

PRIVILEGE = "ModifyGroup"
LARGEST_CSV_BYTES = 2 * 1024 * 1024


class Update(BaseModel):
    model_config = ConfigDict(extra="forbid")

    group: Annotated[str, Field(min_length=1, max_length=255)]
    quota_gb: Annotated[float, Field(allow_inf_nan=False)] | None


class Updates(BaseModel):
    """What the browser sends; `revision` is that of the quotas the person looked at."""

    model_config = ConfigDict(extra="ignore")

    updates: Annotated[list[Update], Field(max_length=10_000)]
    dry_run: bool = False
    revision: int | None = None


@page("GET", admin=True)
def quotas_page(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Show what each group may use and uses."""
    return page_context(
        "quotas",
        {
            "data": reverse("omeroweb_admin_tools_quota_data"),
            "update": reverse("omeroweb_admin_tools_quota_update"),
            "import": reverse("omeroweb_admin_tools_quota_import"),
            "reconcile": reverse("omeroweb_admin_tools_quota_reconcile"),
            "may_change": may_change(caller),
        },
    )


@api("GET", admin=True)
def quota_data(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return quotas, what is used, and the log."""
    return _answer(_groups(caller))


@api("POST", admin=True)
def quota_update(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Change the quotas of some groups, all or none of them."""
    _need_privilege(caller)
    if request.content_type == "application/json":
        body = Updates.model_validate_json(request.body or b"{}")
    else:
        body = Updates.model_validate({"updates": _form_updates(request.POST.get("updates", ""))})
    names = [update.group for update in body.updates]
    if len(set(names)) != len(names):
        raise UserError("A group stands in the list twice.")
    updates = {update.group: update.quota_gb for update in body.updates}
    return _change(caller, updates, dry_run=body.dry_run, revision=body.revision)


@api("POST", admin=True)
def quota_import(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Change quotas by a CSV file, all or none of its rows."""
    _need_privilege(caller)
    sent = request.FILES.get("file")
    if sent is None:
        raise UserError("Send a CSV file in the field named file.")
    if sent.size is None or sent.size > LARGEST_CSV_BYTES:
        raise UserError(f"The file is larger than {LARGEST_CSV_BYTES // 2**20} MiB.", status=413)
    try:
        updates = csv_file.parse(sent.read())
    except csv_file.QuotaInputError as error:
        raise UserError(str(error)) from error
    return _change(caller, updates, dry_run=request.POST.get("dry_run") == "true")


@api("GET", admin=True)
def quota_template(_request: HttpRequest, caller: Caller) -> HttpResponse:
    """Return the CSV file to fill in."""
    found = quota_report(_groups(caller))
    text = csv_file.template({group: found["quotas_gb"].get(group) for group in found["available_groups"]})
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="group-quotas-template.csv"'
    return response


@api("POST", admin=True)
def quota_reconcile(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Have the file system enforce the quotas now, or say what that would change."""
    _need_privilege(caller)
    dry_run = request.GET.get("dry_run") == "true"
    try:
        done = reconcile(dry_run=dry_run)
    except QuotaStateError as error:
        raise UserError(str(error), status=500) from error
    if not dry_run:
        audit.record(caller.owner, "enforce quotas", "done", target={"groups": len(done["results"])})
    return {**_answer(_groups(caller)), "enforced": done}


def may_change(caller: Caller) -> bool:
    """Say whether an administrator may change groups; full administrators have every privilege."""
    privileges = caller.conn.getEventContext().adminPrivileges
    return PRIVILEGE in {str(getattr(entry, "val", entry)) for entry in privileges or ()}


def _need_privilege(caller: Caller) -> None:
    if not may_change(caller):
        raise UserError(f"Changing quotas needs the privilege {PRIVILEGE}.", status=403)


def _change(
    caller: Caller, updates: Mapping[str, float | None], *, dry_run: bool, revision: int | None = None
) -> dict[str, Any]:
    groups = _groups(caller)
    available = set(groups) - changes.SYSTEM_GROUPS
    try:
        wanted = changes.wanted_quotas(updates, available, admin_settings().min_quota_gb)
        _, done = changes.apply(
            quota_settings().state_path,
            wanted,
            actor=caller.owner.username,
            dry_run=dry_run,
            revision=revision,
        )
        if done and not dry_run:
            target = {change.group: [change.before, change.after] for change in done}
            audit.record(caller.owner, "change quotas", "done", target=target)
            reconcile()
    except csv_file.QuotaInputError as error:
        raise UserError(str(error)) from error
    except changes.QuotaConflictError as error:
        raise UserError(str(error), status=409) from error
    except QuotaStateError as error:
        raise UserError(str(error), status=500) from error
    listed = [{"group": change.group, "before": change.before, "after": change.after} for change in done]
    return {**_answer(groups), "changes": listed, "dry_run": dry_run}


def _answer(groups: list[str]) -> dict[str, Any]:
    found = quota_report(groups)
    return {
        "quotas_gb": found["quotas_gb"],
        "revision": found["revision"],
        "logs": found["logs"],
        "reconcile": found,
    }


def _groups(caller: Caller) -> list[str]:
    from omero.rtypes import unwrap  # noqa: PLC0415

    rows = caller.conn.getQueryService().projection(
        "select g.name from ExperimenterGroup g order by g.name", None, {"omero.group": "-1"}
    )
    return [str(unwrap(row)[0]) for row in rows]


def _form_updates(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UserError(
            'updates must be JSON such as [{"group": "lab", "quota_gb": 100}], with null for no quota.'
        ) from error
