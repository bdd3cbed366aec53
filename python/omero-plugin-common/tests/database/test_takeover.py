"""Taking over the tables an older system made, with their rows."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connections

from omero_plugin_common.database.migrate import migrate_plugin_database
from omero_plugin_common.database.owned import Owner
from omero_plugin_common.testing.example_plugin.models import Credential, UserSettings

OLD_TABLES = """
CREATE TABLE example_ai_credentials (
    id serial PRIMARY KEY, username text NOT NULL, provider text NOT NULL, api_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (username, provider));
CREATE INDEX ON example_ai_credentials (username);
CREATE TABLE example_user_settings (
    id serial PRIMARY KEY, username text UNIQUE NOT NULL, settings jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
INSERT INTO example_ai_credentials (username, provider, api_key) VALUES ('alice', 'OpenAI', 'sk-clear-text');
INSERT INTO example_user_settings (username, settings) VALUES ('alice', '{"jobBatchSize": 7}');
"""


@pytest.fixture
def older_system(plugin_database):
    call_command("migrate", "example_plugin", "zero", database="plugins", verbosity=0)
    with connections["plugins"].cursor() as cursor:
        cursor.execute(OLD_TABLES)
    migrate_plugin_database()
    yield plugin_database
    call_command("migrate", "example_plugin", "zero", database="plugins", verbosity=0)
    migrate_plugin_database()


def test_alice_finds_her_old_rows_and_they_become_hers(older_system):
    alice = Owner(2, "alice")
    assert UserSettings.objects.of(alice).get().settings == {"jobBatchSize": 7}
    assert UserSettings.objects.get().owner_id == 2


def test_old_keys_are_encrypted_on_the_way(older_system):
    with connections["plugins"].cursor() as cursor:
        cursor.execute("SELECT api_key FROM example_ai_credentials")
        stored = cursor.fetchone()[0]
    assert "sk-clear-text" not in stored
    assert Credential.objects.of(Owner(2, "alice")).get().api_key == "sk-clear-text"


def test_a_login_name_given_to_somebody_else_inherits_nothing(older_system):
    assert Credential.objects.of(Owner(2, "alice")).count() == 1
    assert Credential.objects.of(Owner(99, "alice")).count() == 0
    Credential.objects.create(owner_id=99, username="alice", provider="OpenAI", api_key="another")


def test_a_renamed_user_keeps_everything(older_system):
    Credential.objects.of(Owner(2, "alice"))
    assert Credential.objects.of(Owner(2, "alice.smith")).get().provider == "OpenAI"


def test_one_row_per_owner_and_provider(older_system):
    Credential.objects.of(Owner(2, "alice"))
    with pytest.raises(IntegrityError):
        Credential.objects.create(owner_id=2, username="alice", provider="OpenAI", api_key="twice")


def test_tables_of_others_stay_out_of_the_plugin_database(plugin_database):
    names = set(connections["plugins"].introspection.table_names())
    assert {"plugin_jobs", "example_ai_credentials"} <= names
    assert not names & {"auth_user", "django_session", "django_site"}
