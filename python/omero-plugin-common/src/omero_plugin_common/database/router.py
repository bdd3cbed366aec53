"""Which models live in the plugin database: those of the plugins' apps, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps

from omero_plugin_common.database.alias import ALIAS

if TYPE_CHECKING:
    from django.db.models import Model


def lives_in_plugin_database(app_label: str) -> bool:
    try:
        config = apps.get_app_config(app_label)
    except LookupError:
        return False
    return bool(getattr(config, "plugin_database", False))


class PluginRouter:
    """Sends the plugins' models to their alias and keeps everybody else's tables out of it."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return ALIAS if lives_in_plugin_database(model._meta.app_label) else None

    def db_for_write(self, model: type[Model], **_hints: Any) -> str | None:
        return ALIAS if lives_in_plugin_database(model._meta.app_label) else None

    def allow_relation(self, left: Model, right: Model, **_hints: Any) -> bool | None:
        ours = [lives_in_plugin_database(obj._meta.app_label) for obj in (left, right)]
        return all(ours) if any(ours) else None

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool | None:
        if lives_in_plugin_database(app_label):
            return db == ALIAS
        return False if db == ALIAS else None
