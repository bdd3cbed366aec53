"""Routes of the plugin, below `/omeroweb_upload/`."""

from __future__ import annotations

from omeroweb_upload.routes_edx import routes as edx_routes

urlpatterns = [*edx_routes]
