"""Tables of the admin tools: measured storage."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class StorageMeasurement(models.Model):
    """One look at all of OMERO's data; lists that are only shown whole are kept as JSON.

    `views` are the tables of the storage page, ready to be sent; only the newest measurements have them.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    job_id = models.CharField(max_length=32, default="", db_index=True)
    seconds = models.FloatField(default=0.0)
    images = models.BigIntegerField(default=0)
    managed_bytes = models.BigIntegerField(default=0)
    in_place_bytes = models.BigIntegerField(default=0)
    other_bytes = models.BigIntegerField(default=0)
    disk_bytes = models.BigIntegerField(null=True)
    disks = models.JSONField(default=dict)
    members = models.JSONField(default=dict)
    views = models.JSONField(default=dict)
    largest = models.JSONField(default=list)
    coldest = models.JSONField(default=list)

    objects: ClassVar[models.Manager[StorageMeasurement]] = models.Manager()

    class Meta:
        db_table = "admin_storage_measurements"

    def __str__(self) -> str:
        return f"storage at {self.at}"


class StorageFigure(models.Model):
    """What one user or group used at one time.

    `managed_bytes` were uploaded, `in_place_bytes` lie where they were, `other_bytes` are attachments, tables and
    scripts; `disk_bytes` is what the managed repository really takes for it, None when that could not be read.
    """

    measurement = models.ForeignKey(StorageMeasurement, on_delete=models.CASCADE, related_name="figures")
    scope = models.CharField(max_length=16)
    name = models.TextField()
    images = models.BigIntegerField(default=0)
    managed_bytes = models.BigIntegerField(default=0)
    in_place_bytes = models.BigIntegerField(default=0)
    other_bytes = models.BigIntegerField(default=0)
    disk_bytes = models.BigIntegerField(null=True)

    objects: ClassVar[models.Manager[StorageFigure]] = models.Manager()

    class Meta:
        db_table = "admin_storage_figures"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["scope", "name"], name="admin_storage_name_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.name}"
