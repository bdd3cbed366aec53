"""The example's tables: one with secrets, one with settings, and two that prove what jobs did."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import ClassVar

from django.db import models

from omero_plugin_common.database.owned import OwnedRow, unique_per_owner
from omero_plugin_common.secrets.field import EncryptedTextField


class Credential(OwnedRow):
    """An API key of a user for a provider, encrypted."""

    provider = models.TextField()
    api_key = EncryptedTextField()

    class Meta(OwnedRow.Meta):
        abstract = False
        db_table = "example_ai_credentials"
        constraints: ClassVar[list[models.BaseConstraint]] = unique_per_owner(
            "example_ai_credentials", "provider"
        )

    def __str__(self) -> str:
        return f"{self.provider} key of {self.username}"


class UserSettings(OwnedRow):
    """What a user chose."""

    settings = models.JSONField(default=dict)

    class Meta(OwnedRow.Meta):
        abstract = False
        db_table = "example_user_settings"
        constraints: ClassVar[list[models.BaseConstraint]] = unique_per_owner("example_user_settings")

    def __str__(self) -> str:
        return f"settings of {self.username}"


class Applied(models.Model):
    """How often a step of a job took effect; more than once is a fault."""

    job_id = models.CharField(max_length=32)
    step = models.BigIntegerField()
    times = models.IntegerField(default=0)

    objects: ClassVar[models.Manager[Applied]] = models.Manager()

    class Meta:
        db_table = "example_applied"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["job_id", "step"], name="example_applied_uq")
        ]

    def __str__(self) -> str:
        return f"step {self.step} of {self.job_id}: {self.times}"


class Served(models.Model):
    """Which user's step ran when, for judging fairness."""

    owner_id = models.BigIntegerField()
    job_id = models.CharField(max_length=32)
    step = models.BigIntegerField()

    objects: ClassVar[models.Manager[Served]] = models.Manager()

    class Meta:
        db_table = "example_served"

    def __str__(self) -> str:
        return f"step {self.step} of {self.job_id}"
