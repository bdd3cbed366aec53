"""The caller's choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_plugin_common.web.views import api
from omeroweb_upload.services.requests import SettingsRequest
from omeroweb_upload.services.user_settings import load_choices, save_choices
from omeroweb_upload.views.access import refuse_root

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


@api("POST", body=SettingsRequest)
def save(_request: HttpRequest, caller: Caller, *, body: SettingsRequest) -> dict[str, Any]:
    """Store choices."""
    refuse_root(caller)
    chosen = save_choices(caller.owner, body.settings)
    return {"success": True, "message": "Saved.", "settings": chosen}


@api("GET")
def load(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """What is stored."""
    refuse_root(caller)
    return {"success": True, "settings": load_choices(caller.owner)}
