"""What people see of an upload."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, Q, Sum

from omeroweb_upload.models import FileState, SetState, Status, UploadFile, UploadSession, UploadSet

MOST_LINES: Final = 1000
MOST_FILES: Final = 5000
SESSIONS_LISTED: Final = 100

COMPATIBILITY: Final = {
    Status.UPLOADING: "pending",
    Status.CHECKING: "checking",
    Status.AWAITING: "incompatible",
}


def status_of(session: UploadSession) -> dict[str, Any]:
    """Status, bytes, messages and the questions that wait for an answer."""
    sums = session.files.exclude(state=FileState.SKIPPED).aggregate(
        total=Sum("size"),
        uploaded=Sum("offset"),
        imported=Sum("size", filter=Q(state=FileState.IMPORTED)),
        files=Count("id"),
        pending=Count("id", filter=Q(state=FileState.PENDING)),
    )
    sets = session.sets.aggregate(
        total=Count("id"),
        importing=Count("id", filter=Q(state=SetState.IMPORTING)),
        imported=Count("id", filter=Q(state=SetState.IMPORTED)),
        failed=Count("id", filter=Q(state=SetState.FAILED)),
        skipped=Count("id", filter=Q(state=SetState.SKIPPED)),
        duplicates=Count("id", filter=Q(state=SetState.PENDING) & ~Q(duplicates=[])),
    )
    incompatible = list(
        session.sets.filter(state=SetState.SKIPPED).exclude(reason__startswith="not an image")
        .order_by("position").values_list("main", flat=True)[:MOST_LINES]
    )  # fmt: skip
    return {
        "ok": True,
        "job_id": session.id,
        "title": session.title,
        "status": session.status,
        "status_label": Status(session.status).label,
        "uploaded_bytes": sums["uploaded"] or 0,
        "imported_bytes": sums["imported"] or 0,
        "total_bytes": sums["total"] or 0,
        "files": sums["files"],
        "files_pending": sums["pending"],
        "sets": sets,
        "errors": errors_of(session),
        "messages": messages_of(session),
        "compatibility_status": _compatibility(session, incompatible),
        "compatibility_enabled": bool(session.options.get("compatibility_enabled", True)),
        "compatibility_checked": sets["total"],
        "compatibility_total": sets["total"],
        "incompatible_files": incompatible,
        "confirmation_required": session.status == Status.AWAITING,
        "retryable": session.status == Status.ERROR and not session.options.get("pruned", False),
        "check_job": session.check_job,
        "import_job": session.import_job,
        "follow_up_job": session.follow_up_job,
        "follow_up": session.follow_up,
        "special_upload": session.special_upload,
        "created": session.created_at.isoformat(),
        "finished": session.finished_at.isoformat() if session.finished_at else None,
    }


def _compatibility(session: UploadSession, incompatible: list[str]) -> str:
    if session.status in COMPATIBILITY:
        return COMPATIBILITY[Status(session.status)]
    if session.status == Status.ERROR and not session.sets.exists():
        return "error"
    return "incompatible" if incompatible else "compatible"


def errors_of(session: UploadSession) -> list[str]:
    """One line per failure."""
    lines = [session.error] if session.error else []
    failed = session.sets.filter(state=SetState.FAILED).order_by("position")[:MOST_LINES]
    return lines + [f"Import failure: {row.main}: {row.failure}" for row in failed]


def messages_of(session: UploadSession) -> list[str]:
    """One line per set that is through, and per file that was left out."""
    lines = [f"Auto-skipped ({row.reason}): {row.path}" for row in _skipped_files(session)]
    done = session.sets.exclude(state__in=[SetState.PENDING, SetState.IMPORTING]).order_by("position")
    lines.extend(_line(row) for row in done[:MOST_LINES])
    return lines[:MOST_LINES]


def _skipped_files(session: UploadSession) -> list[UploadFile]:
    left_out = Q(state=FileState.SKIPPED) | Q(import_skip=True, file_set__isnull=True)
    return list(session.files.filter(left_out).order_by("position")[:MOST_LINES])


def _line(row: UploadSet) -> str:
    if row.state == SetState.IMPORTED:
        return f"Import success: {row.main}"
    if row.state == SetState.SKIPPED:
        return f"Auto-skipped ({row.reason}): {row.main}"
    return f"Import failure: {row.main}"


def files_of(session: UploadSession, after: int = -1) -> dict[str, Any]:
    """The next files in their order, with offsets, for sending and for going on after a reload."""
    rows = list(session.files.filter(position__gt=after).order_by("position")[:MOST_FILES])
    return {
        "files": [
            {
                "upload_id": row.id,
                "relative_path": row.path,
                "size": row.size,
                "offset": row.offset,
                "state": row.state,
                "reason": row.reason,
                "modified_ms": row.modified_ms,
            }
            for row in rows
        ],
        "next": rows[-1].position if len(rows) == MOST_FILES else None,
    }


def sets_of(session: UploadSession) -> dict[str, Any]:
    """File sets with what is known of them, and what is skipped and why."""
    counts = dict(
        session.files.exclude(file_set=None).values_list("file_set").annotate(count=Count("id")).order_by()
    )
    sets = [
        {
            "id": row.pk,
            "main": row.main,
            "kind": row.kind,
            "format": row.format,
            "files": counts.get(row.pk, 0),
            "size": row.size,
            "images": row.images,
            "planes": row.planes,
            "dataset": row.dataset_name,
            "state": row.state,
            "state_label": SetState(row.state).label,
            "reason": row.reason or row.failure,
            "missing": row.missing,
            "remarks": row.remarks,
            "duplicates": row.duplicates,
            "image_ids": row.image_ids,
            "plate_ids": row.plate_ids,
        }
        for row in session.sets.order_by("position")[:MOST_FILES]
    ]
    skipped = [{"path": row.path, "reason": row.reason} for row in _skipped_files(session)]
    return {"sets": sets, "skipped": skipped}


def sessions_of(owner_id: int) -> list[dict[str, Any]]:
    """The user's latest uploads."""
    rows = UploadSession.objects.filter(owner_id=owner_id).order_by("-created_at")[:SESSIONS_LISTED]
    sums = {
        row["session"]: row
        for row in UploadFile.objects.filter(session__in=[row.pk for row in rows])
        .exclude(state=FileState.SKIPPED)
        .values("session")
        .annotate(count=Count("id"), bytes=Sum("size"), arrived=Sum("offset"))
    }
    return [
        {
            "job_id": row.id,
            "title": row.title,
            "status": row.status,
            "status_label": Status(row.status).label,
            "files": sums.get(row.id, {}).get("count", 0),
            "total_bytes": sums.get(row.id, {}).get("bytes") or 0,
            "uploaded_bytes": sums.get(row.id, {}).get("arrived") or 0,
            "fingerprint": row.fingerprint,
            "created": row.created_at.isoformat(),
        }
        for row in rows
    ]
