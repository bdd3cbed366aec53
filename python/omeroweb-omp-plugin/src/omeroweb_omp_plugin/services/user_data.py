"""Deleting what the plugin keeps of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps

from omero_plugin_common import audit
from omero_plugin_common.database.owned import OwnedRow
from omeroweb_omp_plugin.services.variable_sets import one_at_a_time
from omeroweb_omp_plugin.store.credentials import AiCredential
from omeroweb_omp_plugin.store.variable_sets import VariableSet

if TYPE_CHECKING:
    from django.db.models import Model

    from omero_plugin_common.database.owned import Owner

APP = "omeroweb_omp_plugin"


def delete_keys(owner: Owner) -> int:
    """Delete the user's API keys; returns how many."""
    return delete_rows(owner, AiCredential)


def delete_sets(owner: Owner) -> int:
    """Delete the user's variable sets; returns how many."""
    with one_at_a_time(owner):
        return delete_rows(owner, VariableSet)


def delete_everything(owner: Owner) -> dict[str, int]:
    """Delete the user's rows in every table of the plugin; returns how many by table."""
    with one_at_a_time(owner):
        deleted = {model._meta.db_table: delete_rows(owner, model) for model in personal_models()}
        audit.record(owner, "omp.delete_user_data", "done", target=deleted)
    return deleted


def personal_models() -> list[type[Model]]:
    """The plugin's tables that belong to users."""
    return [
        model
        for model in apps.get_app_config(APP).get_models()
        if any(field.name == "username" for field in model._meta.fields)
    ]


def delete_rows(owner: Owner, model: type[Model]) -> int:
    """Delete the user's rows of one table, those under the login name of an older system too."""
    if issubclass(model, OwnedRow):
        rows = model.objects.of(owner)
    else:
        rows = model.objects.filter(owner_id=owner.user_id)
    count: int = rows.count()
    rows.delete()
    return count
