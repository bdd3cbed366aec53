"""Tables: uploads with their files and file sets, and what users chose."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models.functions import MD5
from django.utils import timezone

from omero_plugin_common.database.owned import OwnedRow, unique_per_owner


def new_id() -> str:
    """Return 32 hexadecimal digits."""
    return uuid4().hex


class Status(models.TextChoices):
    """Where an upload stands."""

    UPLOADING = "uploading", "Uploading"
    CHECKING = "checking", "Checking"
    AWAITING = "awaiting_confirmation", "Needs your decision"
    READY = "ready", "Ready to import"
    IMPORTING = "importing", "Importing"
    DONE = "done", "Done"
    ERROR = "error", "Finished with errors"
    CANCELLED = "cancelled", "Cancelled"


ENDED = (Status.DONE, Status.ERROR, Status.CANCELLED)


class FileState(models.TextChoices):
    """Where a file stands."""

    PENDING = "pending", "Waiting"
    UPLOADED = "uploaded", "Uploaded"
    ERROR = "error", "Failed"
    IMPORTED = "imported", "Imported"
    SKIPPED = "skipped", "Skipped"


class SetState(models.TextChoices):
    """Where a file set stands."""

    PENDING = "pending", "Waiting"
    IMPORTING = "importing", "Importing"
    IMPORTED = "imported", "Imported"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"


class UploadSession(models.Model):
    """One upload of one user: files, where they go, how far it is."""

    id = models.CharField(primary_key=True, max_length=32, default=new_id)
    owner_id = models.BigIntegerField()
    username = models.TextField()
    group_id = models.BigIntegerField()
    status = models.TextField(choices=Status.choices, default=Status.UPLOADING)
    title = models.TextField(default="")
    fingerprint = models.TextField(default="")
    target = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    special_upload = models.TextField(default="")
    special_settings = models.JSONField(default=dict)
    associations = models.JSONField(default=dict)
    dataset_map = models.JSONField(default=dict)
    follow_up = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    error = models.TextField(default="")
    declared_bytes = models.BigIntegerField(default=0)
    check_job = models.CharField(max_length=32, default="")
    import_job = models.CharField(max_length=32, default="")
    follow_up_job = models.CharField(max_length=32, default="")
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[UploadSession]] = models.Manager()
    if TYPE_CHECKING:
        files: ClassVar[Any]
        sets: ClassVar[Any]

    class Meta:
        db_table = "upload_sessions"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner_id", "-created_at"], name="upload_sessions_owner_ix"),
            models.Index(fields=["status", "touched_at"], name="upload_sessions_age_ix"),
        ]

    def __str__(self) -> str:
        return f"upload {self.id} of {self.username} ({self.status})"

    @property
    def round_key(self) -> str:
        """Several sides may start the same stage of the same round at once; the job engine makes one job of it."""
        return f"{self.id}:{self.options.get('round', 0)}"


class UploadSet(models.Model):
    """Files that are imported together, and what became of them.

    `marker` names this set to OMERO, so that an import that was interrupted is found again. `missing`, `remarks`,
    `image_ids`, `plate_ids` and `duplicates` are lists.
    """

    session = models.ForeignKey(UploadSession, on_delete=models.CASCADE, related_name="sets")
    position = models.IntegerField()
    kind = models.TextField()
    format = models.TextField(default="")
    main = models.TextField()
    size = models.BigIntegerField(default=0)
    images = models.IntegerField(null=True)
    planes = models.BigIntegerField(null=True)
    missing = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    duplicates = models.JSONField(default=list)
    dataset_name = models.TextField(default="")
    engine = models.TextField(default="")
    state = models.TextField(choices=SetState.choices, default=SetState.PENDING)
    reason = models.TextField(default="")
    failure = models.TextField(default="")
    marker = models.CharField(max_length=32, default=new_id, unique=True)
    attempts = models.IntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    fileset_id = models.BigIntegerField(null=True)
    image_ids = models.JSONField(default=list)
    plate_ids = models.JSONField(default=list)

    objects: ClassVar[models.Manager[UploadSet]] = models.Manager()
    if TYPE_CHECKING:
        session_id: str
        files: ClassVar[Any]

    class Meta:
        db_table = "upload_sets"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "position"], name="upload_sets_uq")
        ]

    def __str__(self) -> str:
        return f"{self.main} ({self.state})"


class UploadFile(models.Model):
    """One file of an upload; the id is its tus address.

    `path` is what the file is called, `stored_path` what it is called in the staging folder. `offset` bytes have
    arrived and are on disk, `hash_state` goes on from there; `sha256` and `sha1` are known once all have.
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_id)
    session = models.ForeignKey(UploadSession, on_delete=models.CASCADE, related_name="files")
    file_set = models.ForeignKey(UploadSet, on_delete=models.SET_NULL, null=True, related_name="files")
    position = models.IntegerField()
    path = models.TextField()
    stored_path = models.TextField()
    size = models.BigIntegerField()
    modified_ms = models.BigIntegerField(null=True)
    offset = models.BigIntegerField(default=0)
    hash_state = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, default="")
    sha1 = models.CharField(max_length=40, default="")
    state = models.TextField(choices=FileState.choices, default=FileState.PENDING)
    reason = models.TextField(default="")
    import_skip = models.BooleanField(default=False)
    compatibility_skip = models.BooleanField(default=False)
    source = models.TextField(default="")

    objects: ClassVar[models.Manager[UploadFile]] = models.Manager()
    if TYPE_CHECKING:
        session_id: str
        file_set_id: int | None

    class Meta:
        db_table = "upload_files"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Paths may be longer than what an index takes, their digests are not.
            models.UniqueConstraint("session", MD5("path"), name="upload_files_path_uq"),
            models.UniqueConstraint("session", MD5("stored_path"), name="upload_files_stored_uq"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["session", "position"], name="upload_files_order_ix")
        ]

    def __str__(self) -> str:
        return f"{self.path} ({self.state})"


class UserSettings(OwnedRow):
    """What a user chose for uploads."""

    settings = models.JSONField(default=dict)

    class Meta(OwnedRow.Meta):
        abstract = False
        db_table = "upload_user_settings"
        constraints: ClassVar[list[models.BaseConstraint]] = unique_per_owner("upload_user_settings")

    def __str__(self) -> str:
        return f"upload settings of {self.username}"


class SpecialMethodSettings(OwnedRow):
    """What a user chose for a special method, such as `sem_edx_spectra`."""

    method_key = models.TextField(db_index=True)
    settings = models.JSONField(default=dict)

    class Meta(OwnedRow.Meta):
        abstract = False
        db_table = "upload_special_method_settings"
        constraints: ClassVar[list[models.BaseConstraint]] = unique_per_owner(
            "upload_special_method_settings", "method_key"
        )

    def __str__(self) -> str:
        return f"{self.method_key} of {self.username}"
