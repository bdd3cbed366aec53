"""Read by OMERO.web while it makes its own settings, because the library is listed in `omero.web.apps`.

Adds the plugin database and its router, and makes the folder that metrics are shared through; everything else of
the library needs no setting of Django.
"""

from __future__ import annotations

import sys

from omero_plugin_common.database.alias import add_plugin_database
from omero_plugin_common.metrics.folder import prepare_metrics_folder

_web_settings = sys.modules.get("omeroweb.settings")
prepare_metrics_folder()
if _web_settings is not None:
    add_plugin_database(vars(_web_settings))
