"""The example's routes: one page, one JSON view, one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import path
from pydantic import BaseModel, Field

from omero_plugin_common.jobs import service
from omero_plugin_common.string_utils import message_payload
from omero_plugin_common.web import messages
from omero_plugin_common.web.views import api, page

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


class StartRequest(BaseModel):
    """What the browser sends to start counting."""

    steps: int = Field(gt=0, le=10_000)
    key: str | None = None


@page("GET")
def index(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Show a page within OMERO.web."""
    return {
        "template": "omero_plugin_common/components.html",
        "messages_payload": message_payload(messages.SHARED),
        "page_data": {"rows": 10, "poll": "/omero_plugin_common/jobs/{id}/", "user": caller.owner.username},
    }


@api("POST", body=StartRequest, major=True)
def start(_request: HttpRequest, caller: Caller, *, body: StartRequest) -> dict[str, Any]:
    """Start counting in the caller's name."""
    job = service.submit(
        "example.count",
        caller.owner,
        {"steps": body.steps},
        group_id=caller.group_id,
        idempotency_key=body.key,
    )
    return {"job_id": job.id, "total": body.steps}


@page("GET")
def broken(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Fail, to see the error page."""
    raise KeyError("secret detail")


urlpatterns = [
    path("", index, name="example_plugin_index"),
    path("start/", start, name="example_plugin_start"),
    path("broken/", broken, name="example_plugin_broken"),
]
