"""What all pages of the admin tools share: sections, texts and data for their script."""

from __future__ import annotations

import inspect
from typing import Any

from django.urls import reverse

from omero_plugin_common.string_utils import message_payload
from omero_plugin_common.web import messages as shared_messages
from omeroweb_admin_tools import messages

SECTIONS = (
    ("logs", "omeroweb_admin_tools_logs", "Logs", "Search what every service wrote, follow it live."),
    (
        "resources",
        "omeroweb_admin_tools_resources",
        "Resources",
        "Processor, memory, disks, databases and services, now and over time.",
    ),
    (
        "storage",
        "omeroweb_admin_tools_storage",
        "Storage",
        "Who uses how much space, where it grows, what is cold.",
    ),
    ("quotas", "omeroweb_admin_tools_quotas", "Quotas", "How much each group may use."),
    (
        "diagnostics",
        "omeroweb_admin_tools_diagnostics",
        "Diagnostics",
        "Check the platform from end to end and learn what to do.",
    ),
)


def page_context(section: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the template context of a page; `data` is what its script reads."""
    return {
        "template": f"omeroweb_admin_tools/{section}.html",
        "section": section,
        "sections": [
            {"key": key, "url": reverse(route), "title": title, "text": text}
            for key, route, title, text in SECTIONS
        ],
        "messages_payload": message_payload([*shared_messages.SHARED, *_own_messages()]),
        "page_data": data,
    }


def _own_messages() -> list[Any]:
    return [found for _, found in inspect.getmembers(messages, inspect.isfunction)]
