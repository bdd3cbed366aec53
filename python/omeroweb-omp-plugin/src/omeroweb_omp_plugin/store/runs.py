"""What jobs were given, what they did to each object, and what is needed to take it back."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from omero_plugin_common.models import new_job_id


class JobInput(models.Model):
    """What a job shall write, exactly as it was shown: kept here so that the job's own row stays small.

    payload: {"objects": [[type, id, name, [[key, value], …], problem], …]}.
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_job_id)
    username = models.TextField()
    owner_id = models.BigIntegerField(db_index=True)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects: ClassVar[models.Manager[JobInput]] = models.Manager()

    class Meta:
        db_table = "omp_job_inputs"

    def __str__(self) -> str:
        return f"input {self.id} of {self.username}"


class ObjectState(models.TextChoices):
    """How far a job is with one object."""

    PLANNED = "planned", "Begun"
    WRITTEN = "written", "Written"
    SAME = "same", "Nothing to change"
    SKIPPED = "skipped", "Left out"
    FAILED = "failed", "Failed"
    UNDONE = "undone", "Taken back"


class WrittenObject(models.Model):
    """One object of one job.

    operations: what was planned (PLANNED, each with id 0) or carried out, as merge.record writes it.
    known_ids: the annotations that were there before, which tells those the job made from others after a crash.
    """

    id = models.BigAutoField(primary_key=True)
    job_id = models.CharField(max_length=32)
    username = models.TextField()
    owner_id = models.BigIntegerField(db_index=True)
    object_type = models.TextField()
    object_id = models.BigIntegerField()
    name = models.TextField(default="", blank=True)
    state = models.TextField(choices=ObjectState.choices)
    message = models.TextField(default="", blank=True)
    operations = models.JSONField(default=list)
    known_ids = models.JSONField(default=list)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects: ClassVar[models.Manager[WrittenObject]] = models.Manager()

    class Meta:
        db_table = "omp_written_objects"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["job_id", "object_type", "object_id"], name="omp_written_objects_uq"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id} of job {self.job_id}: {self.state}"


class RestoredAnnotation(models.Model):
    """An annotation that came back under a new id, so that undoing older jobs finds it."""

    old_id = models.BigIntegerField(primary_key=True)
    new_id = models.BigIntegerField()
    username = models.TextField()
    owner_id = models.BigIntegerField(db_index=True)

    objects: ClassVar[models.Manager[RestoredAnnotation]] = models.Manager()

    class Meta:
        db_table = "omp_restored_annotations"

    def __str__(self) -> str:
        return f"annotation {self.old_id} is {self.new_id} now"
