"""Remembering in the plugin database which Redis process counts, so that a restarted one is not believed at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.models import RateEpoch

# Grants may happen without a write for this long after the last note.
NOTE_SECONDS = 60


class EpochUnavailableError(Exception):
    """The plugin database can't say which Redis process to trust."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """The trusted Redis process, and the moment from which its memory is complete."""

    run_id: str
    accept_after: datetime


class DatabaseEpochs:
    """Keeps the epoch in one row; `granted_until` is always later than any grant that Redis made."""

    def trusted(self) -> Epoch | None:
        try:
            row = RateEpoch.objects.filter(pk=1).first()
            if row is None:
                return None
            now = timezone.now()
            if row.granted_until < now + timedelta(seconds=NOTE_SECONDS / 2):
                RateEpoch.objects.filter(pk=1, redis_run_id=row.redis_run_id).update(
                    granted_until=now + timedelta(seconds=NOTE_SECONDS)
                )
        except DatabaseError as error:
            connections[ALIAS].close()
            raise EpochUnavailableError(str(error)) from error
        return Epoch(row.redis_run_id, row.accept_after)

    def adopt(self, run_id: str, window_seconds: float) -> Epoch:
        try:
            with transaction.atomic(using=ALIAS):
                return _adopt(run_id, timedelta(seconds=window_seconds))
        except DatabaseError as error:
            connections[ALIAS].close()
            raise EpochUnavailableError(str(error)) from error


def _adopt(run_id: str, window: timedelta) -> Epoch:
    now = timezone.now()
    row, made = RateEpoch.objects.get_or_create(
        pk=1,
        defaults={
            "redis_run_id": run_id,
            "granted_until": now + timedelta(seconds=NOTE_SECONDS),
            "accept_after": now,
        },
    )
    row = RateEpoch.objects.select_for_update().get(pk=1)
    if not made and row.redis_run_id != run_id:
        row.accept_after = max(row.accept_after, min(row.granted_until, now) + window)
        row.redis_run_id = run_id
        row.granted_until = now + timedelta(seconds=NOTE_SECONDS)
        row.save()
    return Epoch(row.redis_run_id, row.accept_after)
