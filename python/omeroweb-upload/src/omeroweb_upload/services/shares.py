"""Folders of the server whose files may be imported where they are, without a transfer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from omero_plugin_common import audit
from omero_plugin_common.database.alias import ALIAS
from omeroweb_upload.junk import skip_reason
from omeroweb_upload.models import FileState, UploadFile, UploadSession
from omeroweb_upload.paths import PathError, clean_path
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.staged_names import staged_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omero_plugin_common.database.owned import Owner
    from omeroweb_upload.config import UploadSettings

MOST_LISTED: Final = 2000


def shares_of(settings: UploadSettings, username: str) -> dict[str, Path]:
    """The shares that a user may import from, by name."""
    allowed = settings.in_place_users
    if "*" not in allowed and username not in allowed:
        return {}
    pairs = (entry.partition("=") for entry in settings.in_place_shares)
    return {name.strip(): Path(path.strip()).resolve() for name, _, path in pairs}


def place_in(settings: UploadSettings, username: str, share: str, inside: str) -> tuple[Path, Path]:
    """A share's folder and a path below it; raises UploadError 404 for others' shares and for ways out of them."""
    root = shares_of(settings, username).get(share)
    if root is None:
        raise UploadError("There is no such share, or you may not use it.", status=404, reason="share")
    try:
        place = (root / clean_path(inside)).resolve() if inside else root
    except PathError as error:
        raise UploadError(str(error), reason="path") from error
    if place != root and root not in place.parents:
        raise UploadError("That is not inside the share.", status=404, reason="share")
    if not place.exists():
        raise UploadError("There is no such file or folder on the share.", status=404, reason="share")
    return root, place


def listing(settings: UploadSettings, username: str, share: str, inside: str) -> list[dict[str, Any]]:
    """What is in one folder of a share; links and special files are not shown."""
    _, place = place_in(settings, username, share, inside)
    rows = []
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                rows.append({"name": entry.name, "folder": True, "size": 0})
            elif entry.is_file(follow_symlinks=False):
                rows.append(
                    {"name": entry.name, "folder": False, "size": entry.stat(follow_symlinks=False).st_size}
                )
            if len(rows) >= MOST_LISTED:
                break
    return sorted(rows, key=lambda row: (not row["folder"], str(row["name"]).casefold()))


def add_in_place(
    settings: UploadSettings, owner: Owner, session: UploadSession, share: str, paths: Sequence[str]
) -> int:
    """Put files of a share into an upload without moving them; returns how many."""
    rows: list[UploadFile] = []
    for path in paths:
        root, place = place_in(settings, owner.username, share, path)
        for file in _files_below(place):
            if len(rows) >= settings.largest_session_files:
                raise UploadError(f"One upload takes {settings.largest_session_files} files.", reason="quota")
            rows.append(_row(session, file, file.relative_to(root).as_posix(), len(rows)))
    if not rows:
        raise UploadError("There are no files to import there.", reason="share")
    with transaction.atomic(using=ALIAS):
        UploadFile.objects.bulk_create(rows, batch_size=2000)
        session.options["open"] = False
        session.save(update_fields=["options"])
    audit.record(
        owner, "upload.in_place", "started", target={"upload": session.id, "share": share, "files": len(rows)}
    )
    return len(rows)


def _files_below(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    for folder, names, files in os.walk(place, followlinks=False):
        names.sort()
        for name in sorted(files):
            file = Path(folder) / name
            if file.is_file() and not file.is_symlink():
                yield file


def _row(session: UploadSession, file: Path, path: str, position: int) -> UploadFile:
    size = file.stat().st_size
    reason = skip_reason(path) or ""
    return UploadFile(
        session=session,
        position=position,
        path=path,
        stored_path=staged_path(path),
        size=size,
        offset=size,
        state=FileState.SKIPPED if reason else FileState.UPLOADED,
        reason=reason,
        source=str(file),
    )
