"""The connector's table: which .ims files exist, so that an identical export is not made again."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class ImarisExport(models.Model):
    """A .ims file in OMERO. The file there is the truth; a row without one is removed when it is met."""

    key = models.CharField(max_length=64)
    image_id = models.BigIntegerField(db_index=True)
    image_name = models.TextField(default="")
    group_id = models.BigIntegerField()
    owner_id = models.BigIntegerField()
    username = models.TextField()
    annotation_id = models.BigIntegerField(unique=True)
    file_id = models.BigIntegerField()
    file_name = models.TextField()
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects: ClassVar[models.Manager[ImarisExport]] = models.Manager()

    class Meta:
        db_table = "imaris_exports"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["key"], name="imaris_exports_key_ix"),
            models.Index(fields=["owner_id", "-created_at"], name="imaris_exports_owner_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} of image {self.image_id}"
