"""RawFileStore: the bytes of original files."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rlong

from omero_embedded import errors
from omero_embedded.files import checksums, rows
from omero_embedded.files.handle import FileHandle
from omero_embedded.files.layout import path_of
from omero_embedded.files.load import original_file
from omero_embedded.files.repositories import REPOSITORY, repositories_of
from omero_embedded.security.binary_access import Candidate, kept_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from omero_embedded.files.rows import FileRow
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session


log = logging.getLogger(__name__)


class RawFileStore:
    """One open file. Size and checksum go to its row with `save`, or with `close` after a change."""

    interface = "omero.api.RawFileStore"
    stateful = True

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._session = session
        self._row: FileRow | None = None
        self._handle: FileHandle | None = None
        self._writable = False
        self._kept_back = False
        self._last: Call | None = None
        self._done: Callable[[], None] | None = None
        self._file_id: int | None = None

    def open(self, call: Call, file_id: int, *, writable: bool | None = None) -> None:
        """Use this file; `writable` False forbids writing even to those who may."""
        self._finish()
        with call.db.read() as connection:
            row = rows.find(connection, call, file_id)
            hasher = rows.hasher_name(connection, row.hasher) or checksums.SHA1
            is_kept_back = _is_restricted(connection, call, row)
        if row.mimetype in (rows.DIRECTORY, REPOSITORY):
            raise errors.resource(f"OriginalFile:{file_id} is a {row.mimetype.lower()}, it has no bytes")
        may_write = row.rights(call).edit and writable is not False
        if is_kept_back and not may_write:
            raise _restriction(file_id)
        path = path_of(self._server.data, repositories_of(self._server), row)
        self._row, self._file_id = row, file_id
        self._handle = FileHandle(path, f"OriginalFile:{file_id}", hasher)
        self._writable, self._kept_back = may_write, is_kept_back

    def lend(self, file_id: int, handle: FileHandle, done: Callable[[], None]) -> None:
        """Write a file that somebody else keeps the row of; `done` is called when it is saved or closed."""
        self._file_id, self._handle, self._writable, self._done = file_id, handle, True, done

    def touch(self, call: Call) -> None:
        """Make the file if it is not there."""
        self._for_writing(call).touch()

    def setFileId(self, call: Call, fileId: int) -> None:
        """Use the file with this id."""
        self._last = call
        self.open(call, fileId)

    def getFileId(self, call: Call) -> Any:
        """The id of the file in use."""
        del call
        return None if self._file_id is None else rlong(self._file_id)

    def read(self, call: Call, position: int, length: int) -> bytes:
        """Up to `length` bytes from a position."""
        del call
        if self._kept_back:
            raise _restriction(self._require())
        return self._opened().read(position, length)

    def size(self, call: Call) -> int:
        """Bytes on disk."""
        del call
        return self._opened().size()

    def exists(self, call: Call) -> bool:
        """Whether the file has bytes on disk."""
        del call
        return self._opened().exists()

    def truncate(self, call: Call, length: int) -> bool:
        """Cut the file; False if it is not longer than `length`."""
        return self._for_writing(call).truncate(length)

    def write(self, call: Call, buf: bytes, position: int, length: int) -> None:
        """Write the first `length` bytes of `buf` at a position."""
        handle = self._for_writing(call)
        if length > len(buf) or length < 0:
            raise errors.api_usage(f"write of {length} bytes with a buffer of {len(buf)}")
        handle.write(bytes(buf) if length == len(buf) else bytes(buf[:length]), position)

    def save(self, call: Call) -> Any:
        """Store size and checksum in the file's row; returns the row."""
        self._save(call)
        return original_file(call, self._require())

    def close(self, call: Call) -> None:
        """Save a changed file, and close it."""
        self._last = call
        self._finish()

    def release(self) -> None:
        """The session is gone: keep what was written."""
        try:
            self._finish()
        except (omero.ServerError, OSError):
            log.warning(
                "file could not be saved at the end of its session file=%s", self._file_id, exc_info=True
            )

    def _finish(self) -> None:
        handle = self._handle
        if handle is None:
            return
        try:
            if self._done is not None:
                self._done()
            elif handle.modified and self._last is not None:
                self._save(self._last)
        finally:
            handle.close()
            self._row = self._handle = self._file_id = self._done = None

    def _save(self, call: Call) -> None:
        handle, row = self._opened(), self._row
        if row is None or not handle.modified:
            return
        values = {"size": handle.size(), "hash": handle.checksum()}
        with call.db.write() as connection:
            if row.hasher is None:
                values["hasher"] = rows.hasher_id(connection, checksums.SHA1)
            rows.change(connection, call, row.id, {**values, "mtime": call.now_ms})
        handle.modified = False

    def _require(self) -> int:
        if self._file_id is None:
            raise errors.api_usage("no file in use; call setFileId first")
        return self._file_id

    def _opened(self) -> FileHandle:
        if self._handle is None:
            raise errors.api_usage("no file in use; call setFileId first")
        return self._handle

    def _for_writing(self, call: Call) -> FileHandle:
        self._last = call
        handle = self._opened()
        if not self._writable:
            raise errors.security(f"{call.caller.user_name} cannot write to OriginalFile:{self._require()}")
        return handle


def _is_restricted(connection: Connection, call: Call, row: FileRow) -> bool:
    """`omero.policy.binary_access` may forbid reading files of images, of plates, or of other people."""
    candidate = Candidate(row.id, row.owner, row.group, row.name)
    return bool(kept_back(connection, call, [("OriginalFile", candidate)]))


def _restriction(file_id: int) -> omero.SecurityViolation:
    return errors.security(f"Download is restricted for OriginalFile:{file_id} (omero.policy.binary_access)")
