"""Importing from a share without a transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from omero_plugin_common.web.views import api
from omeroweb_upload.config import upload_settings
from omeroweb_upload.services import sessions
from omeroweb_upload.services.requests import StartRequest
from omeroweb_upload.services.shares import add_in_place, listing, place_in, shares_of
from omeroweb_upload.services.start import start as start_session
from omeroweb_upload.services.targets import check_target, group_name
from omeroweb_upload.views.access import refuse_root

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


class InPlaceRequest(BaseModel):
    """Files and folders of a share, and the options of an upload."""

    paths: list[str] = Field(min_length=1, max_length=1000)
    options: StartRequest = Field(default_factory=StartRequest)


@api("GET")
def shares(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Names of the shares that the caller may import from."""
    refuse_root(caller)
    return {"shares": sorted(shares_of(upload_settings(), caller.owner.username))}


@api("GET")
def browse(request: HttpRequest, caller: Caller, *, name: str) -> dict[str, Any]:
    """What is in one folder of a share (`?path=`)."""
    refuse_root(caller)
    path = request.GET.get("path", "")
    return {"entries": listing(upload_settings(), caller.owner.username, name, path)}


@api("POST", body=InPlaceRequest, major=True)
def begin(_request: HttpRequest, caller: Caller, *, name: str, body: InPlaceRequest) -> dict[str, Any]:
    """Import files of a share where they are."""
    refuse_root(caller)
    settings = upload_settings()
    for path in body.paths:
        place_in(settings, caller.owner.username, name, path)
    options = body.options.model_copy(update={"files": [], "more_files": True, "fingerprint": ""})
    group_id = check_target(caller.conn, options.destination(), caller.group_id)
    name_of_group = group_name(caller.conn, group_id)
    session, _ = start_session(settings, caller.owner, group_id, options, group_name=name_of_group)
    count = add_in_place(settings, caller.owner, session, name, body.paths)
    session = sessions.advance(session)
    return {"ok": True, "job_id": session.id, "files": count, "status": session.status}
