"""Adding the plugin database to Django's settings."""

from __future__ import annotations

from typing import Any

from omero_plugin_common.config import DatabaseSettings
from omero_plugin_common.settings_schema.load import ConfigurationError, load

ALIAS = "plugins"
ROUTER = "omero_plugin_common.database.router.PluginRouter"
CONNECT_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_MILLISECONDS = 30_000


def add_plugin_database(settings: dict[str, Any]) -> None:
    """Put the alias and the router into a settings namespace; a bad configuration leaves a database that refuses.

    OMERO.web itself needs no database, so its `default` stays Django's dummy.
    """
    databases = settings.setdefault("DATABASES", {})
    databases.setdefault("default", {})
    databases[ALIAS] = database_entry()
    routers = list(settings.get("DATABASE_ROUTERS", ()))
    if ROUTER not in routers:
        routers.append(ROUTER)
    settings["DATABASE_ROUTERS"] = routers


def database_entry() -> dict[str, Any]:
    """Return Django's description of the plugin database, or of none when its variables are wrong."""
    try:
        wanted = load(DatabaseSettings)
    except ConfigurationError:
        return {"ENGINE": "django.db.backends.dummy"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": wanted.name,
        "USER": wanted.user,
        "PASSWORD": wanted.password,
        "HOST": wanted.host,
        "PORT": wanted.port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "application_name": "omero-plugins",
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS}",
            "keepalives_idle": 30,
            "tcp_user_timeout": 15_000,
        },
    }
