"""Tables that an older system made are taken over; every model has its migration."""

from __future__ import annotations

import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections

from omero_plugin_common.database.owned import Owner
from omeroweb_omp_plugin.models import AiCredential, UserSettings, VariableSet

OLD_TABLES = """
CREATE TABLE omp_variable_sets (id serial PRIMARY KEY, username text NOT NULL, set_name text NOT NULL,
  var_names jsonb NOT NULL, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(),
  UNIQUE (username, set_name));
CREATE INDEX ON omp_variable_sets (username);
CREATE TABLE omp_ai_credentials (id serial PRIMARY KEY, username text NOT NULL, provider text NOT NULL,
  api_key text NOT NULL, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(),
  UNIQUE (username, provider));
CREATE INDEX ON omp_ai_credentials (username);
CREATE TABLE omp_user_settings (id serial PRIMARY KEY, username text NOT NULL UNIQUE, settings jsonb NOT NULL,
  created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
CREATE INDEX ON omp_user_settings (username);
INSERT INTO omp_variable_sets (username, set_name, var_names) VALUES ('alice', 'screen', '["Dose", "Day"]');
INSERT INTO omp_ai_credentials (username, provider, api_key) VALUES ('alice', 'openai', 'sk-in-the-clear');
INSERT INTO omp_user_settings (username, settings) VALUES ('alice', '{"jobBatchSize": 7}');
"""


@pytest.fixture
def without_tables(plugin_database):
    """The plugin database before this plugin's first migration, and as it was again afterwards."""
    migrate("zero")
    yield connections["plugins"]
    migrate("zero")
    migrate()


def migrate(*target):
    call_command(
        "migrate", "omeroweb_omp_plugin", *target, database="plugins", interactive=False, verbosity=0
    )


def test_rows_of_an_older_system_are_alices_after_the_migration(without_tables):
    with without_tables.cursor() as cursor:
        cursor.execute(OLD_TABLES)
    migrate()
    alice = Owner(7, "alice")
    (kept,) = VariableSet.objects.of(alice)
    assert (kept.set_name, kept.var_names, kept.version, kept.group_id) == (
        "screen",
        ["Dose", "Day"],
        1,
        None,
    )
    assert AiCredential.objects.of(alice).get().api_key == "sk-in-the-clear"
    assert UserSettings.objects.of(alice).get().settings == {"jobBatchSize": 7}
    with without_tables.cursor() as cursor:
        cursor.execute("SELECT api_key FROM omp_ai_credentials")
        assert "sk-in-the-clear" not in cursor.fetchone()[0]


def test_somebody_who_gets_alices_login_name_later_inherits_nothing(plugin_database):
    VariableSet.objects.create(username="alice", set_name="screen", var_names=["Dose"])
    assert VariableSet.objects.of(Owner(7, "alice")).count() == 1
    assert VariableSet.objects.of(Owner(8, "alice")).count() == 0


def test_every_model_has_its_migration(plugin_database):
    said = io.StringIO()
    call_command("makemigrations", "omeroweb_omp_plugin", check=True, dry_run=True, stdout=said)
    assert "No changes" in said.getvalue()


def test_all_tables_begin_with_omp(plugin_database):
    tables = {model._meta.db_table for model in apps.get_app_config("omeroweb_omp_plugin").get_models()}
    assert {"omp_variable_sets", "omp_ai_credentials", "omp_user_settings"} <= tables
    assert all(table.startswith("omp_") for table in tables)
