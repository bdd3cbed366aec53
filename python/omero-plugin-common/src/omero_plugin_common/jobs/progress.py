"""Fast-moving progress: one small JSON file per job on tmpfs, replaced as a whole, so readers never wait."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import portalocker

from omero_plugin_common.config import job_settings
from omero_plugin_common.models import FINISHED, Job

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

LOCK_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """What people see of a job; times are ISO 8601 in UTC."""

    id: str
    kind: str
    owner_id: int
    state: str
    done: int
    total: int
    message: str
    cancel_requested: bool
    created: str
    started: str | None
    finished: str | None
    result: dict[str, Any] | None
    error: str
    reference: str
    claims: int
    version: int = 0

    @property
    def finished_state(self) -> bool:
        return self.state in FINISHED


def progress_of(job: Job) -> Progress:
    """Return what the row says."""
    return Progress(
        id=job.id,
        kind=job.kind,
        owner_id=job.owner_id,
        state=str(job.state),
        done=job.done,
        total=job.total,
        message=job.message,
        cancel_requested=job.cancel_requested,
        created=_iso(job.created_at) or "",
        started=_iso(job.started_at),
        finished=_iso(job.finished_at),
        result=job.result,
        error=job.error,
        reference=job.reference,
        claims=job.claims,
    )


def merge(old: Progress | None, new: Progress) -> Progress:
    """Return what to show: never fewer steps than shown before, never older news of an earlier worker."""
    if old is None:
        return replace(new, total=max(new.total, new.done))
    if new.claims < old.claims:
        return old
    done = max(old.done, new.done)
    return replace(new, done=done, total=max(new.total, done), version=old.version + 1)


def publish(new: Progress) -> Progress:
    """Show progress; returns what is shown now."""
    path = progress_path(new.id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with portalocker.Lock(str(_lock_path(path)), mode="a", timeout=LOCK_TIMEOUT_SECONDS):
        old = read(new.id)
        shown = merge(old, new)
        if shown != old:
            fresh = path.with_name(f".{path.name}.{os.getpid()}")
            fresh.write_text(json.dumps(asdict(shown)), encoding="utf-8")
            fresh.replace(path)
    return shown


def read(job_id: str) -> Progress | None:
    """Return what is shown of a job, None when no file tells."""
    try:
        data = json.loads(progress_path(job_id).read_bytes())
        return Progress(**data)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        return None


def forget(job_id: str) -> None:
    """Remove a job's files."""
    path = progress_path(job_id)
    path.unlink(missing_ok=True)
    _lock_path(path).unlink(missing_ok=True)


def progress_path(job_id: str) -> Path:
    """Return the job's file; raises ValueError for anything that isn't 32 hexadecimal digits."""
    if len(job_id) != 32 or not set(job_id) <= set("0123456789abcdef"):
        raise ValueError(f"{job_id!r} is not the id of a job (32 hexadecimal digits)")
    return job_settings().progress_dir / f"{job_id}.json"


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
