"""Routes of the admin tools, below `/omeroweb_admin_tools/`."""

from __future__ import annotations

from django.urls import path

from omeroweb_admin_tools.views import logs, pages

P = "omeroweb_admin_tools"

urlpatterns = [
    path("", pages.index, name=f"{P}_index"),
    path("root-status/", pages.root_status, name=f"{P}_root_status"),
    path("help/", pages.help_text, name=f"{P}_help"),
    path("logs/", logs.logs_page, name=f"{P}_logs"),
    path("logs/data/", logs.logs_data, name=f"{P}_logs_data"),
    path("logs/sources/", logs.logs_sources, name=f"{P}_logs_sources"),
    path("logs/internal-labels/", logs.internal_labels, name=f"{P}_logs_internal_labels"),
    path("logs/context/", logs.logs_context, name=f"{P}_logs_context"),
    path("logs/download/", logs.logs_download, name=f"{P}_logs_download"),
    path("logs/reference/<str:reference>/", logs.logs_reference, name=f"{P}_logs_reference"),
]
