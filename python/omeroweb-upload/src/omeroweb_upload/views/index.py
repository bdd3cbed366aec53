"""The pages: upload, and help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from omero_plugin_common.string_utils import message_payload
from omero_plugin_common.web import messages as shared
from omero_plugin_common.web.views import page
from omeroweb_upload import messages
from omeroweb_upload.config import upload_settings
from omeroweb_upload.edx_messages import FOLLOW_UP_MESSAGES
from omeroweb_upload.services.user_settings import load_choices
from omeroweb_upload.views.access import is_root

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

NO_ID = "0" * 32


@page("GET")
def index(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Show the upload page."""
    settings = upload_settings()
    return {
        "template": "omeroweb_upload/index.html",
        "root": is_root(caller),
        "special_methods": not settings.disable_special_methods,
        "messages_payload": message_payload([*shared.SHARED, *messages.ALL, *FOLLOW_UP_MESSAGES]),
        "page_data": {
            "user_id": caller.owner.user_id,
            "concurrency": settings.concurrency,
            "settings": load_choices(caller.owner),
            "urls": urls(),
        },
    }


def urls() -> dict[str, str]:
    """Addresses with `{id}` for what the script fills in."""
    with_id = {
        "announce": "omeroweb_upload_announce",
        "files": "omeroweb_upload_list_files",
        "sets": "omeroweb_upload_sets",
        "status": "omeroweb_upload_status",
        "confirm": "omeroweb_upload_confirm",
        "prune": "omeroweb_upload_prune",
        "cancel": "omeroweb_upload_cancel",
        "retry": "omeroweb_upload_retry",
        "file": "omeroweb_upload_tus_file",
    }
    plain = {
        "start": "omeroweb_upload_start",
        "mine": "omeroweb_upload_mine",
        "shares": "omeroweb_upload_shares",
        "projects": "omeroweb_upload_projects",
        "edx": "omeroweb_upload_edx",
        "screens": "omeroweb_upload_screens",
        "create": "omeroweb_upload_create",
        "save_settings": "omeroweb_upload_user_settings_save",
    }
    return {
        **{key: reverse(name, args=[NO_ID]).replace(NO_ID, "{id}") for key, name in with_id.items()},
        **{key: reverse(name) for key, name in plain.items()},
        "datasets": reverse("omeroweb_upload_datasets", args=[987654321]).replace("987654321", "{id}"),
        "job": reverse("omero_plugin_common_job", args=[NO_ID]).replace(NO_ID, "{id}"),
        "thumbnail": reverse("webgateway_render_thumbnail", args=[987654321]).replace("987654321", "{id}"),
        "image": reverse("webindex") + "?show=image-{id}",
        "plate": reverse("webindex") + "?show=plate-{id}",
    }


@page("GET")
def help_page(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Show how uploading works."""
    settings = upload_settings()
    return {"template": "omeroweb_upload/help.html", "settings": settings}
