"""Keys for AI providers, encrypted."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import ClassVar

from django.db import models

from omero_plugin_common.database.owned import OwnedRow, unique_per_owner
from omero_plugin_common.secrets.field import EncryptedTextField


class AiCredential(OwnedRow):
    """A user's key for one provider."""

    provider = models.TextField()
    api_key = EncryptedTextField()

    class Meta(OwnedRow.Meta):
        abstract = False
        db_table = "omp_ai_credentials"
        constraints: ClassVar[list[models.BaseConstraint]] = unique_per_owner(
            "omp_ai_credentials", "provider"
        )

    def __str__(self) -> str:
        return f"{self.provider} key of {self.username}"
