"""A user's settings, and deleting what is kept of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from omeroweb_omp_plugin.services import user_data
from omeroweb_omp_plugin.services.user_settings import load_settings, save_settings
from omeroweb_omp_plugin.views.access import user_api

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


class SettingsBody(BaseModel):
    """The settings to change; the others stay."""

    settings: dict[str, Any]


@user_api("GET")
def settings(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the caller's settings, with defaults for what was never chosen."""
    return {"settings": load_settings(caller.owner).model_dump(mode="json")}


@user_api("POST", body=SettingsBody)
def save(_request: HttpRequest, caller: Caller, *, body: SettingsBody) -> dict[str, Any]:
    """Store settings."""
    saved = save_settings(caller.owner, body.settings)
    return {"success": True, "message": "Settings saved.", "settings": saved.model_dump(mode="json")}


@user_api("POST")
def delete_keys(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Delete the caller's API keys."""
    return {"ok": True, "deleted": user_data.delete_keys(caller.owner)}


@user_api("POST")
def delete_sets(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Delete the caller's variable sets."""
    return {"ok": True, "deleted": user_data.delete_sets(caller.owner)}


@user_api("POST")
def delete_all(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Delete everything the plugin keeps of the caller; annotations in OMERO stay."""
    return {"ok": True, "deleted": user_data.delete_everything(caller.owner)}
