"""Removing uploads by age, and pushing on those that got stuck between two stages; the worker does it regularly."""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from omero_plugin_common.config import job_settings
from omero_plugin_common.jobs.errors import JobLimitError
from omero_plugin_common.jobs.sweep import chore
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import ENDED, SetState, Status, UploadSession, UploadSet
from omeroweb_upload.services import metrics
from omeroweb_upload.services.files import prune_ended, remove_staged
from omeroweb_upload.services.follow_ups import METHODS, follow_up_due, start_follow_up
from omeroweb_upload.services.sessions import advance, is_worked_on, stop_jobs, tidied_since, tidy
from omeroweb_upload.store.places import session_folder

if TYPE_CHECKING:
    from omeroweb_upload.config import UploadSettings

logger = logging.getLogger(__name__)

PUSHED_AT_ONCE = 200
PUSH_AFTER = timedelta(seconds=10)
TIDY_AGAIN_AFTER = timedelta(minutes=10)


@chore(lambda: float(upload_settings().cleanup_interval_seconds))
def clean_up() -> None:
    """One round: ended uploads past their age, unfinished ones left alone, folders nobody knows."""
    settings = upload_settings()
    removed = remove_old(settings)
    removed += remove_strays(settings)
    forget_long_gone()
    if removed:
        logger.info("uploads_removed count=%s", removed)


@chore(lambda: min(5.0, float(upload_settings().cleanup_interval_seconds)))
def push_on() -> None:
    """Start the next stage of uploads whose last step was cut off, and free the disk of those that are through."""
    settings = upload_settings()
    quiet = timezone.now() - PUSH_AFTER
    waiting = (Status.UPLOADING, Status.CHECKING, Status.READY, Status.IMPORTING)
    for session in UploadSession.objects.filter(status__in=waiting, touched_at__lt=quiet).order_by(
        "touched_at"
    )[:PUSHED_AT_ONCE]:
        with suppress(JobLimitError):  # its owner's turn comes when other jobs of theirs have ended
            advance(session)
    unfollowed = Q(status=Status.ERROR, special_upload__in=METHODS, follow_up_job="")
    through = UploadSession.objects.filter(Q(status=Status.DONE) | unfollowed)
    for session in through.exclude(options__has_key="pruned")[:PUSHED_AT_ONCE]:
        if follow_up_due(session):
            # The import's last step submits it; long after it, that was cut off before.
            if session.touched_at < quiet:
                with suppress(JobLimitError):
                    start_follow_up(session)
        else:
            prune_ended(settings, session)
    half_there = UploadSet.objects.filter(session=OuterRef("pk"), state=SetState.IMPORTING)
    half = Q(Exists(half_there), status=Status.ERROR)
    untidy = UploadSession.objects.filter(Q(status=Status.CANCELLED) | half, touched_at__lt=quiet)
    for session in untidy.exclude(options__has_key="pruned").order_by("touched_at")[:PUSHED_AT_ONCE]:
        _tidy_again(session)


def _tidy_again(session: UploadSession) -> None:
    """Do what cancelling could not: its process was killed, OMERO was away, or its owner had too many jobs."""
    if session.status == Status.CANCELLED:
        stop_jobs(session)
    if not tidied_since(session, timezone.now() - TIDY_AGAIN_AFTER):
        tidy(session)


def remove_old(settings: UploadSettings) -> int:
    """Remove what is past its age, whatever its status; returns how many uploads went."""
    now = timezone.now()
    ended = UploadSession.objects.filter(
        status__in=ENDED, touched_at__lt=now - timedelta(seconds=settings.cleanup_max_age_seconds)
    )
    stale_age = max(settings.cleanup_stale_age_seconds, settings.cleanup_max_age_seconds)
    stale = UploadSession.objects.exclude(status__in=ENDED).filter(
        touched_at__lt=now - timedelta(seconds=stale_age)
    )
    count = 0
    for session in [*ended.exclude(options__has_key="pruned"), *stale][: settings.cleanup_max_delete]:
        if session.status not in ENDED:
            if is_worked_on(session):
                continue
            still = UploadSession.objects.filter(pk=session.pk, touched_at=session.touched_at)
            if not still.update(
                status=Status.CANCELLED, error="It was left unfinished for too long.", finished_at=now
            ):
                continue
            metrics.SESSIONS.labels("expired").inc()
        count += remove_staged(settings, session)
    return count


def forget_long_gone() -> int:
    """Delete the rows of uploads whose files went long ago; they are kept as long as jobs are."""
    limit = timezone.now() - timedelta(days=job_settings().keep_days)
    count, _ = UploadSession.objects.filter(
        status__in=ENDED, options__has_key="pruned", touched_at__lt=limit
    ).delete()
    return int(count)


def remove_strays(settings: UploadSettings) -> int:
    """Remove folders of uploads that no row knows, once they are old, and those whose removal was cut off."""
    count = 0
    limit = time.time() - settings.cleanup_stale_age_seconds
    for folder in settings.directory.glob("??/*"):
        row = UploadSession.objects.filter(pk=folder.name).only("options").first()
        if row is not None and not row.options.get("pruned"):
            continue
        if row is None and (len(folder.name) != 32 or folder.stat().st_mtime > limit):
            continue
        shutil.rmtree(session_folder(settings, folder.name), ignore_errors=True)
        count += 1
    return count
