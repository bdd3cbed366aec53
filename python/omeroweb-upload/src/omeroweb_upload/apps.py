"""The plugin as a Django app."""

from __future__ import annotations

from django.apps import AppConfig

from omero_plugin_common.health.app import PluginApp
from omero_plugin_common.health.problems import problem_of, report_problem
from omeroweb_upload.config import UploadSettings, upload_settings
from omeroweb_upload.store.places import place_problems


class UploadConfig(PluginApp, AppConfig):
    """Registers the plugin's settings, tables and kinds of jobs, and looks at the staging folder."""

    name = "omeroweb_upload"
    label = "omeroweb_upload"
    settings_schemas = (UploadSettings,)

    def ready(self) -> None:
        super().ready()
        if problem_of(self.label) is None and (problems := place_problems(upload_settings())):
            report_problem(self.label, problems)
