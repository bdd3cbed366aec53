"""Exports that exist already: found again by what they would contain, deleted by age and by size."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import Ice
import omero
from django.db.models import Sum
from django.utils import timezone
from omero.sys import ParametersI

from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs.errors import JobError
from omero_plugin_common.jobs.omero_sessions import session_source
from omero_plugin_common.omero_access.deletion import DeletionError
from omeroweb_imaris_connector import metrics
from omeroweb_imaris_connector.config import imaris_settings
from omeroweb_imaris_connector.conversion.attach import delete
from omeroweb_imaris_connector.models import ImarisExport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omeroweb_imaris_connector.conversion.attach import Attached
    from omeroweb_imaris_connector.conversion.description import DescribedImage

logger = logging.getLogger(__name__)

GIGABYTE = 1000**3
_READABLE = "select annotation.id from FileAnnotation annotation where annotation.id in (:ids)"


def find(conn: Any, key: str) -> ImarisExport | None:
    """The newest identical export that the connection's user may read; rows without a file are forgotten.

    What is found counts as used, since whoever asked is about to download it.
    """
    rows = list(ImarisExport.objects.filter(key=key).order_by("-created_at", "-pk"))
    readable = _readable(conn, rows)
    for row in rows:
        if row.annotation_id in readable:
            touch(row.annotation_id)
            return row
    user_id = conn.getUserId()
    # Others' files may only be hidden from this user; the user's own are gone.
    ImarisExport.objects.filter(pk__in=[row.pk for row in rows if row.owner_id == user_id]).delete()
    return None


def _readable(conn: Any, rows: Iterable[ImarisExport]) -> set[int]:
    ids = [row.annotation_id for row in rows]
    if not ids:
        return set()
    found = conn.getQueryService().projection(_READABLE, ParametersI().addIds(ids), {"omero.group": "-1"})
    return {int(row[0].getValue()) for row in found}


def _used_since(row: ImarisExport) -> bool:
    """Whether somebody has used an export, or another worker has deleted it, since the row was read."""
    return not ImarisExport.objects.filter(pk=row.pk, used_at=row.used_at).exists()


def remember(key: str, image: DescribedImage, attached: Attached, owner: Owner) -> ImarisExport:
    """Note a new export."""
    row, _new = ImarisExport.objects.update_or_create(
        annotation_id=attached.annotation_id,
        defaults={
            "key": key,
            "image_id": image.image_id,
            "image_name": image.name,
            "group_id": image.group_id,
            "owner_id": owner.user_id,
            "username": owner.username,
            "file_id": attached.file_id,
            "file_name": attached.name,
            "size_bytes": attached.size_bytes,
        },
    )
    return row


def touch(annotation_id: int) -> None:
    """Note that somebody downloads an export, or will."""
    ImarisExport.objects.filter(annotation_id=annotation_id).update(used_at=timezone.now())


def surplus() -> list[tuple[ImarisExport, str]]:
    """Exports that should go, with the reason: unused for too long, or more than may be kept in all."""
    settings = imaris_settings()
    expired = ImarisExport.objects.filter(used_at__lt=timezone.now() - timedelta(days=settings.keep_days))
    found = [(row, "age") for row in expired]
    gone = {row.pk for row, _reason in found}
    total = ImarisExport.objects.exclude(pk__in=gone).aggregate(Sum("size_bytes"))["size_bytes__sum"] or 0
    for row in ImarisExport.objects.exclude(pk__in=gone).order_by("used_at"):
        if total <= settings.cache_gigabytes * GIGABYTE:
            break
        found.append((row, "size"))
        total -= row.size_bytes
    return found


def prune(keep: int | None = None) -> int:
    """Delete what should go from OMERO, each in its owner's name; returns how many.

    `keep` is the annotation that was just made. Without the job-service account only people themselves can
    delete their files, so nothing is deleted then.
    """
    if not imaris_settings().use_job_service:
        return 0
    deleted = 0
    for row, reason in surplus():
        if row.annotation_id == keep or _used_since(row):
            continue
        owner = Owner(row.owner_id, row.username)
        try:
            with session_source().user_session(owner, None) as conn:
                if _readable(conn, [row]):
                    delete(conn, "Annotation", [row.annotation_id])
        except (JobError, DeletionError, omero.ServerError, Ice.Exception) as error:
            # The export that was just made is good; one that can't be deleted must not fail it.
            logger.warning("export_not_deleted annotation=%s reason=%s", row.annotation_id, error)
            continue
        row.delete()
        metrics.DELETED.labels(reason).inc()
        deleted += 1
    return deleted
