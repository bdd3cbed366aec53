"""The example as a Django app."""

from __future__ import annotations

from django.apps import AppConfig

from omero_plugin_common.health.app import PluginApp
from omero_plugin_common.testing.example_plugin.config import ExampleSettings


class ExampleConfig(PluginApp, AppConfig):
    """Registers the example's settings, tables and job kinds."""

    name = "omero_plugin_common.testing.example_plugin"
    label = "example_plugin"
    settings_schemas = (ExampleSettings,)
