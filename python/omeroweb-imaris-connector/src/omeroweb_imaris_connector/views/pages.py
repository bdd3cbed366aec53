"""The pages: exports of a person, the panel beside OMERO.web's data tree, help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import images_of
from omero_plugin_common.string_utils import message_payload
from omero_plugin_common.web import messages as shared
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import page
from omeroweb_imaris_connector.config import imaris_settings
from omeroweb_imaris_connector.conversion.options import CONVERTERS, PIXEL_TYPES
from omeroweb_imaris_connector.views import messages

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

SHOWN_NAMES = 5
LONGEST_ID = 19
NO_JOB = "0" * 32


@page("GET")
def index(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """The exports of the caller, and the form for what was selected."""
    return _exports(request, caller, compact=False)


@page("GET")
def panel(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """The same without OMERO.web's menu, for the panel beside the data tree."""
    return _exports(request, caller, compact=True)


@page("GET")
def help_page(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """What the export does and how to use it."""
    return {
        "template": "omeroweb_imaris_connector/help.html",
        "settings": imaris_settings(),
        "address": reverse("omeroweb_imaris_connector_imaris_export"),
    }


def _exports(request: HttpRequest, caller: Caller, *, compact: bool) -> dict[str, Any]:
    images = _images(request, caller)
    payload = message_payload(shared.SHARED) | message_payload(messages.OWN)
    return {
        "template": "omeroweb_imaris_connector/exports.html",
        "compact": compact,
        "images": images[:SHOWN_NAMES],
        "more": max(0, len(images) - SHOWN_NAMES),
        "count": len(images),
        "keep_days": imaris_settings().keep_days,
        "pixel_types": PIXEL_TYPES,
        "converters": CONVERTERS,
        "messages_payload": payload,
        "page_data": {
            "images": [row["id"] for row in images],
            "only": compact,
            "start": reverse("omeroweb_imaris_connector_imaris_export"),
            "list": reverse("omeroweb_imaris_connector_my_exports"),
            "job": reverse("omero_plugin_common_job", args=[NO_JOB]).replace(NO_JOB, "{id}"),
        },
    }


def _images(request: HttpRequest, caller: Caller) -> list[dict[str, Any]]:
    """What was selected; raises UserError 404 when none of it is there for the caller."""
    with in_group(caller.conn, ALL_GROUPS):
        rows = [
            row
            for kind, name in (("Image", "image"), ("Dataset", "dataset"))
            if (ids := _ids(request, name))
            for row in images_of(caller.conn, kind, ids)
        ]
    found = {row.id: {"id": row.id, "name": row.name} for row in rows}
    if not found and (_ids(request, "image") or _ids(request, "dataset")):
        raise UserError("There is no such image, or you may not see it.", status=404)
    most = imaris_settings().most_images
    if len(found) > most:
        raise UserError(f"{len(found)} images are more than the {most} that can be exported at once.")
    return list(found.values())


def _ids(request: HttpRequest, name: str) -> list[int]:
    texts = [part for text in request.GET.getlist(name) for part in text.split(",")]
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < LONGEST_ID]
