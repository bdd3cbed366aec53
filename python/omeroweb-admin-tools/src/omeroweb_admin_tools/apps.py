"""The admin tools as a Django app of OMERO.web."""

from __future__ import annotations

from django.apps import AppConfig

from omero_plugin_common.health.app import PluginApp
from omeroweb_admin_tools.config import AdminSettings


class AdminToolsConfig(PluginApp, AppConfig):
    """Registers settings, tables and jobs."""

    name = "omeroweb_admin_tools"
    label = "omeroweb_admin_tools"
    verbose_name = "OMERO admin tools"
    settings_schemas = (AdminSettings,)
