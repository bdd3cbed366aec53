"""What OMERO.web includes: the plugin's routes, switched off while its configuration is wrong."""

from __future__ import annotations

from omero_plugin_common.web.guard import plugin_urls

urlpatterns = plugin_urls("omeroweb_admin_tools", "omeroweb_admin_tools.routes")
