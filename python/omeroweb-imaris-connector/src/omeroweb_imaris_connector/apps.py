"""The connector as a Django app of OMERO.web."""

from __future__ import annotations

from django.apps import AppConfig

from omero_plugin_common.health.app import PluginApp
from omeroweb_imaris_connector.config import ImarisSettings


class ImarisConnectorConfig(PluginApp, AppConfig):
    """Registers settings, tables and the kind of job."""

    name = "omeroweb_imaris_connector"
    label = "omeroweb_imaris_connector"
    verbose_name = "Imaris connector"
    settings_schemas = (ImarisSettings,)
