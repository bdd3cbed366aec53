"""The example plugin's tables; those of older systems are taken over."""

from django.db import migrations, models

import omero_plugin_common.secrets.field
from omero_plugin_common.database.takeover import TakeOverModel


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Served",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("owner_id", models.BigIntegerField()),
                ("job_id", models.CharField(max_length=32)),
                ("step", models.BigIntegerField()),
            ],
            options={
                "db_table": "example_served",
            },
        ),
        migrations.CreateModel(
            name="Applied",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("job_id", models.CharField(max_length=32)),
                ("step", models.BigIntegerField()),
                ("times", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "example_applied",
                "constraints": [
                    models.UniqueConstraint(fields=("job_id", "step"), name="example_applied_uq")
                ],
            },
        ),
        TakeOverModel(
            name="Credential",
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
                "db_table": "example_ai_credentials",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", False)),
                        fields=("owner_id", "provider"),
                        name="example_ai_credentials_owner_uq",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", True)),
                        fields=("username", "provider"),
                        name="example_ai_credentials_name_uq",
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
                "db_table": "example_user_settings",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", False)),
                        fields=("owner_id",),
                        name="example_user_settings_owner_uq",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner_id__isnull", True)),
                        fields=("username",),
                        name="example_user_settings_name_uq",
                    ),
                ],
            },
        ),
    ]
