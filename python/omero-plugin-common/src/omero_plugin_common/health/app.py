"""What the AppConfig of every plugin does on start."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, ClassVar

from omero_plugin_common.health.problems import clear_problem, report_problem
from omero_plugin_common.logging_utils import quiet_gateway_logger
from omero_plugin_common.settings_schema.load import ConfigurationError, load


class PluginApp:
    """Mix into an AppConfig (`class UploadConfig(PluginApp, AppConfig)`).

    Checks the plugin's settings and registers its job kinds; whatever goes wrong switches off this plugin only.
    """

    name: str
    label: str
    plugin_database: ClassVar[bool] = True
    default_auto_field = "django.db.models.BigAutoField"
    settings_schemas: ClassVar[tuple[type[Any], ...]] = ()

    def ready(self) -> None:
        quiet_gateway_logger()
        clear_problem(self.label)
        problems: list[str] = []
        for schema in self.settings_schemas:
            try:
                load(schema)
            except ConfigurationError as error:
                problems.extend(error.problems)
        if problems:
            report_problem(self.label, tuple(problems))
            return
        self._import_tasks()

    def _import_tasks(self) -> None:
        module = f"{self.name}.tasks"
        if importlib.util.find_spec(module) is None:
            return
        try:
            importlib.import_module(module)
        except Exception as error:  # noqa: BLE001 - one plugin's fault must not stop OMERO.web
            report_problem(self.label, (f"{module} can't be loaded: {error}",), exc_info=True)
