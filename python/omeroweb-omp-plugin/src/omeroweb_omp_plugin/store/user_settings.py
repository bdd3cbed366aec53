"""What a user chose in the plugin's settings."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import ClassVar

from django.db import models

from omero_plugin_common.database.owned import OwnedRow, unique_per_owner


class UserSettings(OwnedRow):
    """One JSON object per user; see services.user_settings for its keys."""

    settings = models.JSONField(default=dict)

    class Meta(OwnedRow.Meta):
        abstract = False
        db_table = "omp_user_settings"
        constraints: ClassVar[list[models.BaseConstraint]] = unique_per_owner("omp_user_settings")

    def __str__(self) -> str:
        return f"settings of {self.username}"
