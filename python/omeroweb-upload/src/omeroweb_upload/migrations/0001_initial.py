"""The plugin's tables; those of older systems are taken over."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import omeroweb_upload.models
from omero_plugin_common.database.takeover import TakeOverModel


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        TakeOverModel(
            name="SpecialMethodSettings",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("username", models.TextField(db_index=True)),
                ("owner_id", models.BigIntegerField(db_index=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("method_key", models.TextField(db_index=True)),
                ("settings", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "upload_special_method_settings",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", False)),
                        fields=("owner_id", "method_key"),
                        name="upload_special_method_settings_owner_uq",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", True)),
                        fields=("username", "method_key"),
                        name="upload_special_method_settings_name_uq",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UploadSession",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=omeroweb_upload.models.new_id,
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("owner_id", models.BigIntegerField()),
                ("username", models.TextField()),
                ("group_id", models.BigIntegerField()),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("uploading", "Uploading"),
                            ("checking", "Checking"),
                            ("awaiting_confirmation", "Needs your decision"),
                            ("ready", "Ready to import"),
                            ("importing", "Importing"),
                            ("done", "Done"),
                            ("error", "Finished with errors"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="uploading",
                    ),
                ),
                ("title", models.TextField(default="")),
                ("fingerprint", models.TextField(default="")),
                ("target", models.JSONField(default=dict)),
                ("options", models.JSONField(default=dict)),
                ("special_upload", models.TextField(default="")),
                ("special_settings", models.JSONField(default=dict)),
                ("associations", models.JSONField(default=dict)),
                ("dataset_map", models.JSONField(default=dict)),
                ("follow_up", models.JSONField(default=dict)),
                ("notes", models.JSONField(default=list)),
                ("error", models.TextField(default="")),
                ("declared_bytes", models.BigIntegerField(default=0)),
                ("check_job", models.CharField(default="", max_length=32)),
                ("import_job", models.CharField(default="", max_length=32)),
                ("follow_up_job", models.CharField(default="", max_length=32)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "upload_sessions",
                "indexes": [
                    models.Index(fields=["owner_id", "-created_at"], name="upload_sessions_owner_ix"),
                    models.Index(fields=["status", "touched_at"], name="upload_sessions_age_ix"),
                ],
            },
        ),
        migrations.CreateModel(
            name="UploadSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.IntegerField()),
                ("kind", models.TextField()),
                ("format", models.TextField(default="")),
                ("main", models.TextField()),
                ("size", models.BigIntegerField(default=0)),
                ("images", models.IntegerField(null=True)),
                ("planes", models.BigIntegerField(null=True)),
                ("missing", models.JSONField(default=list)),
                ("remarks", models.JSONField(default=list)),
                ("duplicates", models.JSONField(default=list)),
                ("dataset_name", models.TextField(default="")),
                ("engine", models.TextField(default="")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("pending", "Waiting"),
                            ("importing", "Importing"),
                            ("imported", "Imported"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        default="pending",
                    ),
                ),
                ("reason", models.TextField(default="")),
                ("failure", models.TextField(default="")),
                (
                    "marker",
                    models.CharField(default=omeroweb_upload.models.new_id, max_length=32, unique=True),
                ),
                ("attempts", models.IntegerField(default=0)),
                ("seconds", models.FloatField(default=0.0)),
                ("fileset_id", models.BigIntegerField(null=True)),
                ("image_ids", models.JSONField(default=list)),
                ("plate_ids", models.JSONField(default=list)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sets",
                        to="omeroweb_upload.uploadsession",
                    ),
                ),
            ],
            options={
                "db_table": "upload_sets",
            },
        ),
        migrations.CreateModel(
            name="UploadFile",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=omeroweb_upload.models.new_id,
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("position", models.IntegerField()),
                ("path", models.TextField()),
                ("stored_path", models.TextField()),
                ("size", models.BigIntegerField()),
                ("modified_ms", models.BigIntegerField(null=True)),
                ("offset", models.BigIntegerField(default=0)),
                ("hash_state", models.BinaryField(null=True)),
                ("sha256", models.CharField(default="", max_length=64)),
                ("sha1", models.CharField(default="", max_length=40)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("pending", "Waiting"),
                            ("uploaded", "Uploaded"),
                            ("error", "Failed"),
                            ("imported", "Imported"),
                            ("skipped", "Skipped"),
                        ],
                        default="pending",
                    ),
                ),
                ("reason", models.TextField(default="")),
                ("import_skip", models.BooleanField(default=False)),
                ("compatibility_skip", models.BooleanField(default=False)),
                ("source", models.TextField(default="")),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="omeroweb_upload.uploadsession",
                    ),
                ),
                (
                    "file_set",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="files",
                        to="omeroweb_upload.uploadset",
                    ),
                ),
            ],
            options={
                "db_table": "upload_files",
            },
        ),
        TakeOverModel(
            name="UserSettings",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("username", models.TextField(db_index=True)),
                ("owner_id", models.BigIntegerField(db_index=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("settings", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "upload_user_settings",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", False)),
                        fields=("owner_id",),
                        name="upload_user_settings_owner_uq",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", True)),
                        fields=("username",),
                        name="upload_user_settings_name_uq",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="uploadset",
            constraint=models.UniqueConstraint(fields=("session", "position"), name="upload_sets_uq"),
        ),
        migrations.AddIndex(
            model_name="uploadfile",
            index=models.Index(fields=["session", "position"], name="upload_files_order_ix"),
        ),
        migrations.AddConstraint(
            model_name="uploadfile",
            constraint=models.UniqueConstraint(
                models.F("session"), django.db.models.functions.text.MD5("path"), name="upload_files_path_uq"
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadfile",
            constraint=models.UniqueConstraint(
                models.F("session"),
                django.db.models.functions.text.MD5("stored_path"),
                name="upload_files_stored_uq",
            ),
        ),
    ]
