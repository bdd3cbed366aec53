"""Taking in the bytes of one file: in blocks, hashed on the way, saved so that any later request can go on.

Blocks are written under the file's fence, so nothing that a forgotten request still holds can get in between. The row
is the truth: bytes on disk beyond its offset do not count and are cut off by the next request. A piece that came with
a checksum counts as a whole or not at all; other pieces count up to every checkpoint.
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from omeroweb_upload.models import FileState, Status, UploadFile, UploadSession
from omeroweb_upload.services import metrics
from omeroweb_upload.services.errors import CHECKSUM_MISMATCH, UploadError, not_found
from omeroweb_upload.services.hash_ahead import HashAhead
from omeroweb_upload.services.room import check_during
from omeroweb_upload.services.running_hash import RunningHash
from omeroweb_upload.store.fence import Fence, FenceLostError
from omeroweb_upload.store.places import fence_path, files_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omeroweb_upload.config import UploadSettings

BLOCK_BYTES: Final = 2 * 1024 * 1024
CHECKPOINT_BYTES: Final = 64 * 1024 * 1024
CHECKPOINT_SECONDS: Final = 1.0
# How exactly an upload's last touch is kept; its end is counted in days.
TOUCH_SECONDS: Final = 10.0
ALGORITHMS: Final = ("sha256", "sha1", "md5", "sha512")


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a piece must have."""

    algorithm: str
    digest: bytes


@dataclass(slots=True)
class Intake:
    """One request that brings bytes of one file."""

    settings: UploadSettings
    row: UploadFile
    fence: Fence
    handle: int
    start: int
    hashes: RunningHash
    checksum: Checksum | None
    offset: int = field(init=False)
    saved: int = field(init=False)
    saved_at: float = field(default_factory=time.monotonic, init=False)

    def __post_init__(self) -> None:
        self.offset = self.saved = self.start


def receive(
    settings: UploadSettings,
    row: UploadFile,
    start: int,
    read: Callable[[int], bytes | memoryview],
    *,
    length: int | None = None,
    checksum: Checksum | None = None,
) -> int:
    """Write what `read` gives from offset `start` on and return the new offset.

    `length` is how many bytes will come, if known. Raises UploadError: 409 when `start` is not the offset or another
    request took over, 410 when the upload is closed, 413 for too many bytes, 460 for a wrong checksum, 507 for no room.
    An OSError of `read` ends the intake after saving what arrived.
    """
    session = row.session
    with Fence(fence_path(settings, session.id, row.id)) as fence:
        with fence.held():
            _check_open(row, start, length)
            check_during(settings, session)
            handle = _open(row, files_folder(settings, session.id) / row.stored_path, start)
        try:
            state = None if row.hash_state is None else bytes(row.hash_state)
            intake = Intake(settings, row, fence, handle, start, RunningHash(state, start), checksum)
            return _take_in(intake, read, length)
        except FenceLostError as error:
            raise UploadError(
                "Another request continues this file.", status=409, reason="taken_over"
            ) from error
        finally:
            os.close(handle)


def _check_open(row: UploadFile, start: int, length: int | None) -> None:
    """Bring the row up to date, now that nobody else writes it, and see whether this piece may come."""
    known = UploadFile.objects.filter(pk=row.pk).values(
        "offset", "state", "reason", "hash_state", "session__status"
    )
    values = known.first()
    if values is None:
        raise not_found()
    status = values.pop("session__status")
    for name, value in values.items():
        setattr(row, name, value)
    if status != Status.UPLOADING:
        raise UploadError("This upload takes no more bytes.", status=410, reason="closed")
    if row.state == FileState.SKIPPED:
        raise UploadError(f"{row.path} is skipped: {row.reason}", status=410, reason="skipped")
    if start != row.offset:
        raise UploadError(
            f"{row.offset} bytes of this file have arrived, so the next piece must start there and not at {start}.",
            status=409,
            reason="offset",
        )
    if length is not None and start + length > row.size:
        raise _too_many(row)


def _too_many(row: UploadFile) -> UploadError:
    return UploadError(
        f"{row.path} was announced with {row.size} bytes; more came.", status=413, reason="declared_size"
    )


def _open(row: UploadFile, path: Path, start: int) -> int:
    """Open the staged file with everything after `start` cut off; a file that was lost begins again."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.fstat(handle).st_size >= start:
        os.ftruncate(handle, start)
        return handle
    os.close(handle)
    UploadFile.objects.filter(pk=row.pk).update(offset=0, hash_state=None)
    raise UploadError(
        "What had arrived of this file is gone from the server. Send it again from the start.",
        status=409,
        reason="lost",
    )


def _take_in(intake: Intake, read: Callable[[int], bytes | memoryview], length: int | None) -> int:
    piece = hashlib.new(intake.checksum.algorithm) if intake.checksum else None
    with HashAhead(intake.hashes, piece, length) as hashing:
        try:
            while block := read(BLOCK_BYTES):
                if intake.offset + len(block) > intake.row.size:
                    raise _too_many(intake.row)
                hashing.feed(block)
                with intake.fence.held():
                    _write(intake.handle, block, intake.offset)
                intake.offset += len(block)
                metrics.BYTES.inc(len(block))
                if piece is None and _is_due(intake):
                    hashing.settle()
                    _checkpoint(intake)
        except OSError:
            # The network is gone: keep what came, unless a checksum for the whole piece was promised.
            if piece is None:
                hashing.settle()
                _save(intake)
            raise
        hashing.settle()
    if piece is not None and intake.checksum is not None and piece.digest() != intake.checksum.digest:
        with intake.fence.held():
            os.ftruncate(intake.handle, intake.start)
        raise UploadError(
            "The checksum of this piece is not that of what arrived. Send it again.",
            status=CHECKSUM_MISMATCH,
            reason="checksum",
        )
    _save(intake)
    return intake.offset


def _write(handle: int, block: bytes | memoryview, offset: int) -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(handle, view, offset)
        view, offset = view[written:], offset + written


def _is_due(intake: Intake) -> bool:
    return (
        intake.offset - intake.saved >= CHECKPOINT_BYTES
        or time.monotonic() - intake.saved_at >= CHECKPOINT_SECONDS
    )


def _checkpoint(intake: Intake) -> None:
    _save(intake)
    session = intake.row.session
    check_during(intake.settings, session)
    if not UploadSession.objects.filter(pk=session.pk, status=Status.UPLOADING).exists():
        raise UploadError("This upload was cancelled.", status=410, reason="closed")


def _save(intake: Intake) -> None:
    """Make what is on disk count."""
    row, complete = intake.row, intake.offset == intake.row.size
    values: dict[str, object] = {"offset": intake.offset, "hash_state": intake.hashes.state()}
    if complete:
        values["sha256"], values["sha1"] = intake.hashes.digests()
        values["state"], values["hash_state"] = FileState.UPLOADED, None
    with intake.fence.held():
        changed = UploadFile.objects.filter(pk=row.pk, state=FileState.PENDING).update(**values)
    if not changed:
        return
    for name, value in values.items():
        setattr(row, name, value)
    intake.saved, intake.saved_at = intake.offset, time.monotonic()
    _touch(row.session)
    if complete:
        metrics.FILES.labels("uploaded").inc()


def _touch(session: UploadSession) -> None:
    """Note that the upload goes on."""
    now = timezone.now()
    if (now - session.touched_at).total_seconds() >= TOUCH_SECONDS:
        UploadSession.objects.filter(pk=session.pk).update(touched_at=now)
        session.touched_at = now
