"""Beginning an upload: what will come, where it goes, what of it is left out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Max

from omero_plugin_common.database.alias import ALIAS
from omeroweb_upload.junk import skip_reason
from omeroweb_upload.models import ENDED, FileState, Status, UploadFile, UploadSession
from omeroweb_upload.paths import PathsError, clean_paths
from omeroweb_upload.services import metrics
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.room import check_declared, check_size
from omeroweb_upload.staged_names import staged_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_plugin_common.database.owned import Owner
    from omeroweb_upload.config import UploadSettings
    from omeroweb_upload.services.requests import FileEntry, StartRequest

SHOWN_BAD_PATHS: Final = 20
RESUMABLE: Final = tuple(status for status in Status if status not in ENDED)


def start(
    settings: UploadSettings, owner: Owner, group_id: int, wanted: StartRequest, *, group_name: str = ""
) -> tuple[UploadSession, bool]:
    """Make an upload with its files, or find the user's own that was left unfinished; returns it and whether found.

    `group_name` is the group's name, by which its quota is known.
    Raises UploadError for bad paths (all of them at once), sizes and lack of room; nothing is made then.
    """
    if wanted.fingerprint:
        found = (
            UploadSession.objects.filter(
                owner_id=owner.user_id, fingerprint=wanted.fingerprint, status__in=RESUMABLE
            )
            .order_by("-created_at")
            .first()
        )
        if found is not None:
            return found, True
    with transaction.atomic(using=ALIAS):
        session = UploadSession(
            owner_id=owner.user_id,
            username=owner.username,
            group_id=group_id,
            title=wanted.title[:200],
            fingerprint=wanted.fingerprint,
            target=wanted.destination(),
            options={
                "batch_size": min(10, max(1, wanted.batch_size or settings.batch_files)),
                "compatibility_enabled": wanted.compatibility_enabled,
                "duplicates": wanted.duplicates,
                "open": wanted.more_files,
                "auto_import": wanted.auto_import,
                "group_name": group_name,
            },
            special_upload="" if settings.disable_special_methods else wanted.special_upload,
            special_settings=wanted.sem_edx_settings,
            associations=wanted.sem_edx_associations,
        )
        session.save(force_insert=True)
        add_files(settings, session, wanted.files, more_files=wanted.more_files)
    return session, False


def add_files(
    settings: UploadSettings, session: UploadSession, entries: Sequence[FileEntry], *, more_files: bool
) -> list[UploadFile]:
    """Announce further files of an upload; junk is listed as skipped and need not be sent."""
    with transaction.atomic(using=ALIAS):
        session = UploadSession.objects.select_for_update().get(pk=session.pk)
        if session.status != Status.UPLOADING:
            raise UploadError("This upload takes no more files.", status=409, reason="closed")
        rows = _rows(session, entries)
        coming = sum(row.size for row in rows if row.state == FileState.PENDING)
        count = session.files.count() + len(rows)
        check_declared(settings, session, files=count, more=coming)
        _refuse_known(session, rows)
        UploadFile.objects.bulk_create(rows, batch_size=2000)
        session.declared_bytes += coming
        session.options["open"] = more_files
        session.save(update_fields=["declared_bytes", "options"])
    return rows


def _rows(session: UploadSession, entries: Sequence[FileEntry]) -> list[UploadFile]:
    try:
        paths = clean_paths(entry.place for entry in entries)
    except PathsError as error:
        shown = "; ".join(str(one) for one in error.errors[:SHOWN_BAD_PATHS])
        rest = len(error.errors) - SHOWN_BAD_PATHS
        more = f"; and {rest} more" if rest > 0 else ""
        metrics.FAILURES.labels("start", "path").inc()
        raise UploadError(f"These paths can't be accepted: {shown}{more}", reason="path") from error
    last = session.files.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    rows = []
    for number, (entry, path) in enumerate(zip(entries, paths, strict=True)):
        check_size(entry.size)
        reason = skip_reason(path) or ""
        empty = entry.size == 0 and not reason
        rows.append(
            UploadFile(
                session=session,
                position=position + number,
                path=path,
                stored_path=staged_path(path),
                size=entry.size,
                modified_ms=entry.modified_ms,
                state=FileState.SKIPPED if reason else FileState.UPLOADED if empty else FileState.PENDING,
                sha256=hashlib.sha256().hexdigest() if empty else "",
                sha1=hashlib.sha1().hexdigest() if empty else "",  # noqa: S324 - OMERO's checksum
                reason=reason,
                import_skip=entry.import_skip,
                compatibility_skip=entry.compatibility_skip,
            )
        )
    return rows


def _refuse_known(session: UploadSession, rows: Sequence[UploadFile]) -> None:
    """Refuse what earlier announcements of the same upload have already, or what stands in the way of a folder."""
    known = set(session.files.values_list("path", flat=True))
    if not known:
        return
    try:
        clean_paths([*known, *(row.path for row in rows)])
    except PathsError as error:
        raise UploadError(f"These paths can't be added: {error}", reason="path") from error


def unfinished(owner_id: int) -> list[dict[str, Any]]:
    """The user's uploads that did not end, for going on with them."""
    rows = UploadSession.objects.filter(owner_id=owner_id).exclude(status__in=ENDED)
    return list(rows.values("id", "title", "status", "fingerprint").order_by("-created_at"))
