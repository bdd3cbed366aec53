"""The connector's addresses."""

from __future__ import annotations

from django.urls import path

from omeroweb_imaris_connector.views.exports import imaris_export, my_exports
from omeroweb_imaris_connector.views.pages import help_page, index, panel

urlpatterns = [
    path("", index, name="omeroweb_imaris_connector_index"),
    path("panel/", panel, name="omeroweb_imaris_connector_panel"),
    path("help/", help_page, name="omeroweb_imaris_connector_help"),
    path("imaris-export/", imaris_export, name="omeroweb_imaris_connector_imaris_export"),
    path("my-exports/", my_exports, name="omeroweb_imaris_connector_my_exports"),
]
