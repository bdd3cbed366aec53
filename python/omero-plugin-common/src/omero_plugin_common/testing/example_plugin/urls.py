"""What OMERO.web includes."""

from __future__ import annotations

from omero_plugin_common.web.guard import plugin_urls

urlpatterns = plugin_urls("example_plugin", "omero_plugin_common.testing.example_plugin.routes")
