"""The library as a Django app of OMERO.web."""

from __future__ import annotations

from django.apps import AppConfig

from omero_plugin_common.config import DatabaseSettings, JobSettings, RateSettings, WebSettings
from omero_plugin_common.health.app import PluginApp


class CommonConfig(PluginApp, AppConfig):
    """Jobs, audit trail and shared pages."""

    name = "omero_plugin_common"
    label = "omero_plugin_common"
    verbose_name = "OMERO plugins, shared parts"
    settings_schemas = (DatabaseSettings, JobSettings, RateSettings, WebSettings)
