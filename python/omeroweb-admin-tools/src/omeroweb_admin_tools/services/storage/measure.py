"""Measuring: from OMERO and the disk into the plugin database, in steps that a job reports."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from omero_plugin_common.config import quota_settings
from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.quota.state import GroupUsage, QuotaStateError, locked, read_usage, write_usage
from omeroweb_admin_tools.models import StorageFigure, StorageMeasurement
from omeroweb_admin_tools.services.storage import disks, figures
from omeroweb_admin_tools.services.storage.facts import (
    Facts,
    Questions,
    read_accounts,
    read_files,
    read_images,
    read_pixels,
    read_projects,
)
from omeroweb_admin_tools.services.storage.views import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

logger = logging.getLogger(__name__)

KEPT = ("user", "group")
DETAIL_AGE = timedelta(days=2)
BATCH_ROWS = 2000


def read_facts(conn: Any) -> Iterator[tuple[str, Facts]]:
    """Yield after each kind of question what was read so far."""
    ask = Questions(conn)
    facts = Facts()
    for words, read in (
        ("Read users and groups", read_accounts),
        ("Read files", read_files),
        ("Read images", read_images),
        ("Read pixels", read_pixels),
        ("Read projects", read_projects),
    ):
        read(ask, facts)
        yield words, facts


def counted_usage() -> Mapping[str, int]:
    """What groups are said to use; nothing when that can't be read, since the next measurement replaces it."""
    try:
        return read_usage(quota_settings().state_path).used_bytes
    except QuotaStateError as error:
        logger.warning("quota_usage_not_read reason=%s", error)
        return {}


def save(
    facts: Facts,
    data_dir: Path,
    job_id: str,
    began: datetime,
    on_folder: Callable[[], None],
    counted_before: Mapping[str, int],
) -> StorageMeasurement:
    """Look at the disk, then write the figures in one transaction and what groups use beside the quotas.

    counted_before: the usage before the facts were read; what was counted since may not be in them.
    """
    repository = data_dir / "ManagedRepository"
    folders = [(number, files.folder) for number, files in facts.filesets.items() if number > 0]
    on_disk = disks.fileset_bytes(repository, folders, on_folder)
    rows = figures.figures(facts, on_disk)
    now = datetime.now(UTC)
    users = [row for row in rows if row.scope == "user"]
    measurement = StorageMeasurement(
        at=now,
        job_id=job_id,
        seconds=(now - began).total_seconds(),
        images=sum(facts.image_counts.values()),
        managed_bytes=sum(row.managed_bytes for row in users),
        in_place_bytes=sum(row.in_place_bytes for row in users),
        other_bytes=sum(row.other_bytes for row in users),
        disk_bytes=None if on_disk is None else sum(on_disk.values()),
        disks=disks.disks(data_dir, on_folder),
        members={
            facts.groups[group].name: sorted(facts.users[user].name for user in users if user in facts.users)
            for group, users in facts.members.items()
            if group in facts.groups
        },
        largest=figures.largest(facts),
        coldest=figures.coldest(facts, now),
    )
    measurement.views = views(rows, measurement.members)
    with transaction.atomic(using=ALIAS):
        if job_id:
            StorageMeasurement.objects.filter(job_id=job_id).delete()  # a step done again counts once
        measurement.save()
        kept = [_kept(row, measurement) for row in rows if row.scope in KEPT]
        StorageFigure.objects.bulk_create(kept, batch_size=BATCH_ROWS)
    _tell_quotas(rows, now, counted_before)
    return measurement


def prune(keep_days: int, now: datetime) -> None:
    """Drop measurements past their age, details that only the newest needs, and all but one measurement a day."""
    StorageMeasurement.objects.filter(at__lt=now - timedelta(days=keep_days)).delete()
    newest = StorageMeasurement.objects.order_by("-at").values_list("id", flat=True).first()
    aged = StorageMeasurement.objects.filter(at__lt=now - DETAIL_AGE).exclude(id=newest)
    aged.exclude(views={}).update(views={}, largest=[], coldest=[], members={})
    days: set[object] = set()
    spare = []
    for number, at in aged.order_by("-at").values_list("id", "at"):
        if at.date() in days:
            spare.append(number)
        days.add(at.date())
    StorageMeasurement.objects.filter(id__in=spare).delete()


def _kept(row: figures.Figure, measurement: StorageMeasurement) -> StorageFigure:
    return StorageFigure(
        measurement=measurement,
        scope=row.scope,
        name=row.user_name if row.scope == "user" else row.group_name,
        images=row.images,
        managed_bytes=row.managed_bytes,
        in_place_bytes=row.in_place_bytes,
        other_bytes=row.other_bytes,
        disk_bytes=row.disk_bytes,
    )


def _tell_quotas(rows: list[figures.Figure], now: datetime, counted_before: Mapping[str, int]) -> None:
    """Write what groups use, without what lies elsewhere, for those who check quotas; raises QuotaStateError."""
    used = Counter(
        {row.group_name: row.managed_bytes + row.other_bytes for row in rows if row.scope == "group"}
    )
    place = quota_settings().state_path
    with locked(place):
        used.update(Counter(counted_usage()) - Counter(counted_before))
        write_usage(place, GroupUsage(measured_at=now, used_bytes=used))
