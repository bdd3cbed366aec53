"""What OMERO.web includes."""

from __future__ import annotations

from omero_plugin_common.web.guard import plugin_urls

urlpatterns = plugin_urls("omeroweb_imaris_connector", "omeroweb_imaris_connector.routes")
