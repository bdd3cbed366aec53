"""The plugin's tables; those that older systems made are taken over with their rows."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import omero_plugin_common.models
import omero_plugin_common.secrets.field
from omero_plugin_common.database.takeover import TakeOverModel


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JobInput",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=omero_plugin_common.models.new_job_id,
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("username", models.TextField()),
                ("owner_id", models.BigIntegerField(db_index=True)),
                ("payload", models.JSONField()),
                ("created_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "omp_job_inputs",
            },
        ),
        migrations.CreateModel(
            name="RestoredAnnotation",
            fields=[
                ("old_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("new_id", models.BigIntegerField()),
                ("username", models.TextField()),
                ("owner_id", models.BigIntegerField(db_index=True)),
            ],
            options={
                "db_table": "omp_restored_annotations",
            },
        ),
        TakeOverModel(
            name="AiCredential",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("username", models.TextField(db_index=True)),
                ("owner_id", models.BigIntegerField(db_index=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("provider", models.TextField()),
                ("api_key", omero_plugin_common.secrets.field.EncryptedTextField()),
            ],
            options={
                "db_table": "omp_ai_credentials",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", False)),
                        fields=("owner_id", "provider"),
                        name="omp_ai_credentials_owner_uq",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", True)),
                        fields=("username", "provider"),
                        name="omp_ai_credentials_name_uq",
                    ),
                ],
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
                "db_table": "omp_user_settings",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", False)),
                        fields=("owner_id",),
                        name="omp_user_settings_owner_uq",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", True)),
                        fields=("username",),
                        name="omp_user_settings_name_uq",
                    ),
                ],
            },
        ),
        TakeOverModel(
            name="VariableSet",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("username", models.TextField(db_index=True)),
                ("owner_id", models.BigIntegerField(db_index=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("set_name", models.TextField()),
                ("var_names", models.JSONField()),
                ("details", models.JSONField(default=dict)),
                ("group_id", models.BigIntegerField(db_index=True, null=True)),
                ("version", models.IntegerField(default=1)),
            ],
            options={
                "db_table": "omp_variable_sets",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", False)),
                        fields=("owner_id", "set_name"),
                        name="omp_variable_sets_owner_uq",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", True)),
                        fields=("username", "set_name"),
                        name="omp_variable_sets_name_uq",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WrittenObject",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("job_id", models.CharField(max_length=32)),
                ("username", models.TextField()),
                ("owner_id", models.BigIntegerField(db_index=True)),
                ("object_type", models.TextField()),
                ("object_id", models.BigIntegerField()),
                ("name", models.TextField(blank=True, default="")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("planned", "Begun"),
                            ("written", "Written"),
                            ("same", "Nothing to change"),
                            ("skipped", "Left out"),
                            ("failed", "Failed"),
                            ("undone", "Taken back"),
                        ]
                    ),
                ),
                ("message", models.TextField(blank=True, default="")),
                ("operations", models.JSONField(default=list)),
                ("known_ids", models.JSONField(default=list)),
                ("changed_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "omp_written_objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("job_id", "object_type", "object_id"), name="omp_written_objects_uq"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VariableSetVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.IntegerField()),
                ("var_names", models.JSONField()),
                ("details", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "variable_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="omeroweb_omp_plugin.variableset",
                    ),
                ),
            ],
            options={
                "db_table": "omp_variable_set_versions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("variable_set", "version"), name="omp_variable_set_versions_uq"
                    )
                ],
            },
        ),
    ]
