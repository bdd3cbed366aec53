"""Pickers for where images go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from omero_plugin_common.web.views import api
from omeroweb_upload.services import targets
from omeroweb_upload.views.access import is_root, refuse_root

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


class NewContainer(BaseModel):
    """A project, dataset or screen to make."""

    kind: Literal["project", "dataset", "screen"]
    name: str = Field(max_length=255)
    project_id: int | None = Field(default=None, gt=0)


@api("GET")
def projects(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Projects of the caller, and of others that the caller may add to."""
    refuse_root(caller)
    return targets.projects(caller.conn, caller.owner.user_id)


@api("GET")
def datasets(_request: HttpRequest, caller: Caller, *, project_id: int) -> dict[str, Any]:
    """Datasets of a project."""
    refuse_root(caller)
    return {"datasets": targets.datasets(caller.conn, project_id)}


@api("GET")
def screens(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Screens that the caller may add to."""
    refuse_root(caller)
    return {"screens": targets.screens(caller.conn)}


@api("POST", body=NewContainer)
def create(_request: HttpRequest, caller: Caller, *, body: NewContainer) -> dict[str, Any]:
    """Make a project, dataset or screen."""
    refuse_root(caller)
    return targets.make_container(caller.conn, body.kind, body.name, body.project_id)


@api("GET")
def root_status(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Whether the caller is root, who can't upload."""
    return {"is_root_user": is_root(caller)}
