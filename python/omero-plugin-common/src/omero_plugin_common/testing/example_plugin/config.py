"""What the example reads from the environment."""

from __future__ import annotations

from omero_plugin_common.env_utils import ENV_FILE_OMEROWEB
from omero_plugin_common.settings_schema.schema import setting, settings_schema


@settings_schema(title="Example plugin", env_file=ENV_FILE_OMEROWEB)
class ExampleSettings:
    """One bounded number."""

    batch: int = setting("EXAMPLE_BATCH", "Files handled at once.", default=5, minimum=1, maximum=10)
