"""Jobs, turns, audit trail, epoch of the rate limiter."""

import django.utils.timezone
from django.db import migrations, models

import omero_plugin_common.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("actor_id", models.BigIntegerField()),
                ("actor_name", models.TextField()),
                ("action", models.TextField()),
                ("target", models.JSONField(default=dict)),
                ("outcome", models.TextField()),
                ("job_id", models.CharField(blank=True, db_index=True, default="", max_length=32)),
                ("reference", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "plugin_audit",
            },
        ),
        migrations.CreateModel(
            name="RateEpoch",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("redis_run_id", models.TextField()),
                ("granted_until", models.DateTimeField()),
                ("accept_after", models.DateTimeField()),
            ],
            options={
                "db_table": "plugin_rate_epoch",
            },
        ),
        migrations.CreateModel(
            name="Job",
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
                ("kind", models.TextField()),
                ("queue", models.TextField(default="default")),
                ("owner_id", models.BigIntegerField()),
                ("username", models.TextField()),
                ("group_id", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                    ),
                ),
                ("parameters", models.JSONField(default=dict)),
                ("checkpoint", models.JSONField(default=dict)),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("message", models.TextField(default="")),
                ("result", models.JSONField(null=True)),
                ("error", models.TextField(default="")),
                ("reference", models.TextField(default="")),
                ("idempotency_key", models.TextField(null=True)),
                ("cancel_requested", models.BooleanField(default=False)),
                ("attempts", models.IntegerField(default=0)),
                ("crashes", models.IntegerField(default=0)),
                ("claims", models.BigIntegerField(default=0)),
                ("active_seconds", models.FloatField(default=0.0)),
                ("lease_token", models.TextField(default="")),
                ("leased_by", models.TextField(default="")),
                ("lease_until", models.DateTimeField(null=True)),
                ("run_after", models.DateTimeField(default=django.utils.timezone.now)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "plugin_jobs",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["queue", "owner_id", "created_at"],
                        name="plugin_jobs_open_ix",
                    ),
                    models.Index(fields=["owner_id", "-created_at"], name="plugin_jobs_owner_ix"),
                    models.Index(
                        condition=models.Q(("finished_at__isnull", False)),
                        fields=["finished_at"],
                        name="plugin_jobs_finished_ix",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key__isnull", False)),
                        fields=("owner_id", "kind", "idempotency_key"),
                        name="plugin_jobs_once_uq",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="JobTurn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("queue", models.TextField()),
                ("owner_id", models.BigIntegerField()),
                ("last_turn", models.DateTimeField()),
            ],
            options={
                "db_table": "plugin_job_turns",
                "constraints": [
                    models.UniqueConstraint(fields=("queue", "owner_id"), name="plugin_job_turns_uq")
                ],
            },
        ),
    ]
