"""Read by OMERO.web while it makes its own settings, because the library is listed in `omero.web.apps`.

Adds the plugin database and its router; everything else of the library needs no setting of Django.
"""

from __future__ import annotations

import sys

from omero_plugin_common.database.alias import add_plugin_database

_web_settings = sys.modules.get("omeroweb.settings")
if _web_settings is not None:
    add_plugin_database(vars(_web_settings))
