"""The plugin as a Django app."""

from __future__ import annotations

from django.apps import AppConfig

from omero_plugin_common.health.app import PluginApp
from omeroweb_omp_plugin.ai.config import AiSettings
from omeroweb_omp_plugin.config import OmpSettings


class OmpConfig(PluginApp, AppConfig):
    """Registers the plugin's settings, tables and kinds of jobs."""

    name = "omeroweb_omp_plugin"
    label = "omeroweb_omp_plugin"
    settings_schemas = (OmpSettings, AiSettings)
