"""The table of exports."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ImarisExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("image_id", models.BigIntegerField(db_index=True)),
                ("image_name", models.TextField(default="")),
                ("group_id", models.BigIntegerField()),
                ("owner_id", models.BigIntegerField()),
                ("username", models.TextField()),
                ("annotation_id", models.BigIntegerField(unique=True)),
                ("file_id", models.BigIntegerField()),
                ("file_name", models.TextField()),
                ("size_bytes", models.BigIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "imaris_exports",
                "indexes": [
                    models.Index(fields=["key"], name="imaris_exports_key_ix"),
                    models.Index(fields=["owner_id", "-created_at"], name="imaris_exports_owner_ix"),
                ],
            },
        ),
    ]
