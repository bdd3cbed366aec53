"""Diagnostics: page, and running scripts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any

from django.db import DatabaseError
from django.urls import reverse
from pydantic import BaseModel, ConfigDict, Field

from omero_plugin_common import audit
from omero_plugin_common.health.problems import new_reference
from omero_plugin_common.web.views import api, page
from omeroweb_admin_tools.services.diagnostics.checks import BUNDLE, SCRIPTS, Checks
from omeroweb_admin_tools.services.diagnostics.run import run
from omeroweb_admin_tools.services.places import stack_place
from omeroweb_admin_tools.views.frame import page_context

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

logger = logging.getLogger(__name__)


class Wanted(BaseModel):
    """Which scripts to run."""

    model_config = ConfigDict(extra="ignore")

    scripts: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=20)]


@page("GET", admin=True)
def diagnostics_page(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Show what can be checked."""
    context = page_context("diagnostics", {"run": reverse("omeroweb_admin_tools_diagnostics_run")})
    return {**context, "scripts": SCRIPTS, "chosen": BUNDLE}


@api("POST", body=Wanted, admin=True)
def diagnostics_run(_request: HttpRequest, caller: Caller, *, body: Wanted) -> dict[str, Any]:
    """Run scripts and return what they found; the request's id stands in the log too."""
    request_id = new_reference()
    scripts = list(dict.fromkeys(body.scripts))
    results = run(scripts, Checks(stack_place(), caller.conn, caller.owner))
    failures = [
        check["check_id"] for result in results for check in result["checks"] if check["status"] == "fail"
    ]
    logger.info(
        "diagnostics_run reference=%s scripts=%s failures=%s",
        request_id,
        ",".join(scripts),
        ",".join(dict.fromkeys(failures)) or "none",
    )
    try:
        audit.record(
            caller.owner, "run diagnostics", "done", target={"scripts": scripts}, reference=request_id
        )
    except DatabaseError:  # the very fault that is looked for; the line above is in the log
        logger.warning("diagnostics_not_audited reference=%s", request_id)
    return {"results": results, "request_id": request_id}
