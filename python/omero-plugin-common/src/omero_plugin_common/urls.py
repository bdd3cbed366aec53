"""What OMERO.web includes: the library's routes, switched off while its configuration is wrong."""

from __future__ import annotations

from omero_plugin_common.web.guard import plugin_urls

urlpatterns = plugin_urls("omero_plugin_common", "omero_plugin_common.routes")
