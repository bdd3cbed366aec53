"""What a user chose for a special method: saved, loaded, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.web.errors import UserError
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import SpecialMethodSettings
from omeroweb_upload.services.edx_items import METHOD_KEY, MethodSettings

if TYPE_CHECKING:
    from omero_plugin_common.database.owned import Owner

METHODS = {METHOD_KEY: MethodSettings}


def check_enabled(method: str) -> None:
    """Raise UserError 403 for a special method that the administrator has switched off."""
    if method and upload_settings().disable_special_methods:
        raise UserError(
            "Special methods such as SEM-EDX spectra are switched off on this server.", status=403
        )


def _schema(method: str) -> type[MethodSettings]:
    schema = METHODS.get(method)
    if schema is None:
        raise UserError(f"There is no special method {method!r:.80}. Known: {', '.join(METHODS)}.")
    return schema


def load_settings(owner: Owner, method: str) -> dict[str, bool] | None:
    """Return what the user saved, completed by what is usual; None when nothing was saved."""
    schema = _schema(method)
    row = SpecialMethodSettings.objects.of(owner).filter(method_key=method).first()
    return None if row is None else schema.model_validate(_booleans(row.settings)).model_dump()


def save_settings(owner: Owner, method: str, settings: dict[str, Any]) -> dict[str, bool]:
    """Save what is known of the settings as yes or no; returns what is saved."""
    wanted = _schema(method).model_validate(_booleans(settings)).model_dump()
    with transaction.atomic(using=ALIAS):
        known = SpecialMethodSettings.objects.of(owner).filter(method_key=method).first()
        row = known or SpecialMethodSettings(owner_id=owner.user_id, method_key=method)
        row.username, row.settings = owner.username, wanted
        row.save()
    return wanted


def delete_settings(owner: Owner, method: str) -> bool:
    """Forget what the user saved; returns whether there was something."""
    _schema(method)
    deleted, _ = SpecialMethodSettings.objects.of(owner).filter(method_key=method).delete()
    return bool(deleted)


def settings_or_usual(owner: Owner, method: str) -> dict[str, bool]:
    """What the user saved, or what is usual."""
    return load_settings(owner, method) or _schema(method)().model_dump()


def _booleans(settings: Any) -> dict[str, bool]:
    """Older pages sent and saved words: only the words for no are no."""
    if not isinstance(settings, dict):
        raise UserError("settings must be an object of names with true or false")
    nos = {"false", "0", "no", "off", ""}
    return {
        str(key): value.strip().lower() not in nos if isinstance(value, str) else bool(value)
        for key, value in settings.items()
    }
