"""Removing uploads by age, whatever their status."""

from __future__ import annotations

import dataclasses
import os
import shutil
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from omero_plugin_common.config import job_settings
from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs import service
from omero_plugin_common.jobs.context import JobContext
from omero_plugin_common.jobs.errors import JobCancelledError
from omero_plugin_common.models import Job, JobState
from omeroweb_upload import tasks
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import ENDED, FileState, SetState, Status, UploadSession
from omeroweb_upload.services.cleanup import forget_long_gone, push_on, remove_old, remove_strays
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.files import prune_ended, remove_staged
from omeroweb_upload.services.follow_ups import start_follow_up
from omeroweb_upload.services.requests import FileEntry, StartRequest
from omeroweb_upload.services.sessions import cancel, retry
from omeroweb_upload.services.start import start
from omeroweb_upload.store.places import session_folder


@pytest.fixture
def settings(plugin_database, staging, no_worker):
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


def test_spectra_stay_staged_until_their_job_is_submitted_even_if_the_import_was_cut_off(settings):
    young, young_folder = upload_of_age(settings, Status.DONE, 0)
    cut_off, cut_off_folder = upload_of_age(settings, Status.DONE, 60)
    UploadSession.objects.update(special_upload="sem_edx_spectra")
    for session in (young, cut_off):
        imported(session)
    push_on()
    assert young_folder.exists()
    assert cut_off_folder.exists()
    job = Job.objects.get()
    assert (job.kind, job.parameters) == ("upload.edx", {"session_id": cut_off.id})
    cut_off.refresh_from_db()
    assert cut_off.follow_up_job == job.id


def imported(session):
    """One image that became of the upload."""
    session.sets.create(
        position=0, kind="single", main="a.tif", size=5, state=SetState.IMPORTED, image_ids=[1]
    )


@pytest.mark.parametrize("state", list(JobState))
def test_spectra_stay_staged_until_their_job_is_done(settings, state):
    session, folder = upload_of_age(settings, Status.DONE, 60)
    imported(session)
    job = of_upload(session, "upload.edx", state)
    UploadSession.objects.update(special_upload="sem_edx_spectra", follow_up_job=job.id)
    push_on()
    assert folder.exists() == (state != JobState.DONE)


def test_spectra_stay_staged_whose_job_has_just_said_that_they_found_no_image(settings):
    session, folder = upload_of_age(settings, Status.DONE, 60)
    imported(session)
    job = of_upload(session, "upload.edx", JobState.DONE)
    UploadSession.objects.update(special_upload="sem_edx_spectra", follow_up_job=job.id)
    session.refresh_from_db()
    UploadSession.objects.update(follow_up={"unmatched": ["a.txt"]})
    prune_ended(settings, session)
    assert folder.exists()


def test_spectra_of_an_upload_with_failures_get_their_job_even_if_the_import_was_cut_off(settings):
    session, _ = upload_of_age(settings, Status.ERROR, 60)
    UploadSession.objects.update(special_upload="sem_edx_spectra")
    imported(session)
    push_on()
    session.refresh_from_db()
    assert Job.objects.get(kind="upload.edx").id == session.follow_up_job


def test_spectra_of_images_that_come_on_trying_again_get_a_job_of_their_own(settings):
    session, _ = upload_of_age(settings, Status.ERROR, 60)
    UploadSession.objects.update(special_upload="sem_edx_spectra")
    session.files.update(state=FileState.ERROR)
    imported(session)
    session.sets.create(position=1, kind="single", main="b.tif", size=5, state=SetState.FAILED)
    session.refresh_from_db()
    first = start_follow_up(session)
    session = retry(session)
    assert session.follow_up_job == ""
    late = UploadSession.objects.get(pk=session.pk)
    UploadSession.objects.update(status=Status.DONE)
    second = start_follow_up(late)
    assert second != first
    assert start_follow_up(late) == second
    assert UploadSession.objects.get().follow_up_job == second


def of_upload(session, kind, state):
    """A job that works on the upload."""
    parameters = {"session_id": session.id}
    return Job.objects.create(kind=kind, owner_id=2, username="alice", state=state, parameters=parameters)


@pytest.fixture
def one_job_at_most(monkeypatch):
    one = dataclasses.replace(job_settings(), per_user_limit=1)
    monkeypatch.setattr(service, "job_settings", lambda: one)


def tidy_jobs():
    return Job.objects.filter(kind="upload.tidy")


def test_an_upload_is_cancelled_although_its_owner_has_too_many_jobs(settings, one_job_at_most):
    session, _ = upload_of_age(settings, Status.UPLOADING, 0)
    other = Job.objects.create(kind="upload.spectra", owner_id=2, username="alice")
    assert cancel(session).status == Status.CANCELLED
    UploadSession.objects.update(touched_at=timezone.now() - timedelta(seconds=60))
    push_on()
    assert not tidy_jobs().exists()
    other.delete()
    push_on()
    push_on()
    assert tidy_jobs().get().parameters == {"session_id": session.id}


@pytest.mark.parametrize("kind", ["upload.check", "upload.import", "upload.edx"])
def test_cancelling_that_was_cut_off_is_brought_to_its_end(settings, kind):
    session, _ = upload_of_age(settings, Status.CANCELLED, 60)
    job = of_upload(session, kind, JobState.QUEUED)
    others = Job.objects.create(kind=kind, owner_id=2, username="alice", parameters={"session_id": "x"})
    push_on()
    job.refresh_from_db()
    others.refresh_from_db()
    assert (job.state, others.state) == (JobState.CANCELLED, JobState.QUEUED)
    assert tidy_jobs().count() == 1


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.ERROR])
def test_tidying_up_that_failed_is_tried_again_after_a_pause(settings, status):
    session, _ = upload_of_age(settings, status, 60)
    session.sets.create(position=0, kind="single", main="a.tif", size=5, state=SetState.IMPORTING)
    failed = of_upload(session, "upload.tidy", JobState.FAILED)
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=5))
    push_on()
    assert tidy_jobs().get() == failed
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=15))
    push_on()
    assert tidy_jobs().exclude(pk=failed.pk).get().state == JobState.QUEUED


@pytest.mark.parametrize("kind", ["upload.check", "upload.import", "upload.edx"])
@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_files_stay_while_a_job_works_on_them(settings, kind, state):
    session, folder = upload_of_age(settings, Status.ERROR, settings.cleanup_max_age_seconds + 60)
    job = of_upload(session, kind, state)
    assert remove_old(settings) == 0
    assert folder.exists()
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)
    assert remove_old(settings) == 1
    assert not folder.exists()


def test_files_of_an_upload_that_was_tried_again_just_now_stay(settings):
    session, folder = upload_of_age(settings, Status.ERROR, settings.cleanup_max_age_seconds + 60)
    session.files.update(state=FileState.ERROR)
    session.sets.create(position=0, kind="single", main="a.tif", size=5, state=SetState.FAILED)
    seen_before = UploadSession.objects.get()
    retry(session)
    Job.objects.all().delete()
    assert not remove_staged(settings, seen_before)
    assert folder.exists()
    assert "pruned" not in UploadSession.objects.get().options


def test_an_upload_is_not_tried_again_once_its_files_are_going(settings, monkeypatch):
    session, _ = upload_of_age(settings, Status.ERROR, 0)
    refused = []

    def meanwhile(_folder, **_options):
        with pytest.raises(UploadError, match="removed already") as error:
            retry(session)
        refused.append(error.value)

    monkeypatch.setattr(shutil, "rmtree", meanwhile)
    assert remove_staged(settings, session)
    assert len(refused) == 1


def test_a_removal_that_was_cut_off_is_brought_to_its_end(settings):
    _, kept = upload_of_age(settings, Status.ERROR, 0)
    session, folder = upload_of_age(settings, Status.ERROR, 0)
    UploadSession.objects.filter(pk=session.pk).update(options={"pruned": True})
    assert remove_strays(settings) == 1
    assert kept.exists()
    assert not folder.exists()


def tidying(session):
    parameters = tasks.SessionParameters(session_id=session.id)
    return JobContext("j", Owner(2, "alice"), 3, parameters, 0, 1, {})


def test_tidying_up_waits_for_the_import_that_was_cancelled(settings):
    session, folder = upload_of_age(settings, Status.CANCELLED, 0)
    of_upload(session, "upload.import", JobState.RUNNING)
    context = tidying(session)
    context.interruption.set(JobCancelledError("enough waited"))
    with pytest.raises(JobCancelledError):
        list(tasks.tidy(context))
    assert folder.exists()
    Job.objects.update(state=JobState.CANCELLED)
    list(tasks.tidy(tidying(session)))
    assert not folder.exists()


def test_tidying_up_leaves_an_upload_alone_that_was_started_again(settings):
    session, folder = upload_of_age(settings, Status.IMPORTING, 0)
    row = session.sets.create(position=0, kind="single", main="a.tif", size=5, state=SetState.IMPORTING)
    list(tasks.tidy(tidying(session)))
    row.refresh_from_db()
    assert row.state == SetState.IMPORTING
    assert folder.exists()


def test_an_upload_whose_owner_has_too_many_jobs_holds_up_nobody_elses(settings, one_job_at_most):
    stuck, _ = upload_of_age(settings, Status.CHECKING, 120)
    other, _ = upload_of_age(settings, Status.CHECKING, 60)
    UploadSession.objects.filter(pk=other.pk).update(owner_id=3, username="bob")
    Job.objects.create(kind="upload.check", owner_id=2, username="alice")
    push_on()
    stuck.refresh_from_db()
    other.refresh_from_db()
    assert stuck.check_job == ""
    assert Job.objects.get(pk=other.check_job).owner_id == 3
