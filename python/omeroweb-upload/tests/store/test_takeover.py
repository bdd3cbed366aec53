"""Rows of the older system's tables stay their users'."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connections

from omero_plugin_common.database.migrate import migrate_plugin_database
from omero_plugin_common.database.owned import Owner
from omeroweb_upload.models import SpecialMethodSettings, UserSettings

OLD_TABLES = """
CREATE TABLE upload_user_settings (
    id serial PRIMARY KEY, username text UNIQUE NOT NULL, settings jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE upload_special_method_settings (
    id serial PRIMARY KEY, username text NOT NULL, method_key text NOT NULL, settings jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (username, method_key));
INSERT INTO upload_user_settings (username, settings) VALUES ('alice', '{"uploadBatchFiles": 7}');
INSERT INTO upload_special_method_settings (username, method_key, settings)
    VALUES ('alice', 'sem_edx_spectra', '{"create_tables": false}');
"""


@pytest.fixture
def older_system(plugin_database):
    call_command("migrate", "omeroweb_upload", "zero", database="plugins", verbosity=0)
    with connections["plugins"].cursor() as cursor:
        cursor.execute(OLD_TABLES)
    migrate_plugin_database()
    yield plugin_database
    call_command("migrate", "omeroweb_upload", "zero", database="plugins", verbosity=0)
    migrate_plugin_database()


def test_alice_finds_her_settings_of_the_older_system(older_system):
    alice = Owner(2, "alice")
    assert UserSettings.objects.of(alice).get().settings == {"uploadBatchFiles": 7}
    method = SpecialMethodSettings.objects.of(alice).get(method_key="sem_edx_spectra")
    assert method.settings == {"create_tables": False}
    assert not UserSettings.objects.of(Owner(3, "bob")).exists()
