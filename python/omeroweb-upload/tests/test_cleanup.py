"""Removing uploads by age, whatever their status."""

from __future__ import annotations

import dataclasses
import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from omero_plugin_common.database.owned import Owner
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import ENDED, Status, UploadSession
from omeroweb_upload.services.cleanup import forget_long_gone, remove_old, remove_strays
from omeroweb_upload.services.requests import FileEntry, StartRequest
from omeroweb_upload.services.start import start
from omeroweb_upload.store.places import session_folder


@pytest.fixture
def settings(plugin_database, staging):
    return upload_settings()


def upload_of_age(settings, status, age_seconds):
    session, _ = start(settings, Owner(2, "alice"), 3, StartRequest(files=[FileEntry(name="a.tif", size=5)]))
    folder = session_folder(settings, session.id)
    folder.mkdir(parents=True)
    (folder / "a.tif").write_text("bytes")
    touched = timezone.now() - timedelta(seconds=age_seconds)
    UploadSession.objects.filter(pk=session.pk).update(status=status, touched_at=touched)
    return session, folder


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_cleaned_up_once_it_is_old_and_not_before(settings, status):
    limit = settings.cleanup_max_age_seconds if status in ENDED else settings.cleanup_stale_age_seconds
    young, young_folder = upload_of_age(settings, status, limit - 60)
    old, old_folder = upload_of_age(settings, status, limit + 60)
    assert remove_old(settings) == 1
    assert young_folder.exists()
    assert not old_folder.exists()
    young.refresh_from_db()
    old.refresh_from_db()
    assert young.status == status
    assert old.status == (status if status in ENDED else Status.CANCELLED)
    assert remove_old(settings) == 0


def test_no_more_than_the_limit_go_at_one_time(settings):
    for _ in range(4):
        upload_of_age(settings, Status.DONE, settings.cleanup_max_age_seconds + 60)
    few = dataclasses.replace(settings, cleanup_max_delete=3)
    assert [remove_old(few), remove_old(few), remove_old(few)] == [3, 1, 0]


def test_what_became_of_an_upload_is_shown_for_as_long_as_jobs_are_kept(settings):
    days = 86400
    for age in (29 * days, 31 * days):
        session, _ = upload_of_age(settings, Status.DONE, age)
        UploadSession.objects.filter(pk=session.pk).update(options={"pruned": True})
    forget_long_gone()
    assert UploadSession.objects.count() == 1


def test_folders_that_no_row_knows_go_when_they_are_old(settings):
    stray = session_folder(settings, "f" * 32)
    stray.mkdir(parents=True)
    assert remove_strays(settings) == 0
    old = time.time() - settings.cleanup_stale_age_seconds - 60
    os.utime(stray, (old, old))
    assert remove_strays(settings) == 1
    assert not stray.exists()
