"""One import from the client's point of view: upload, verify, watch."""

from __future__ import annotations

import enum
import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from sqlalchemy import bindparam, update

from omero_embedded import errors
from omero_embedded.files import checksums, rows
from omero_embedded.files.handle import FileHandle
from omero_embedded.importer import filesets
from omero_embedded.importer.images import Wishes
from omero_embedded.importer.run import run, write_failure
from omero_embedded.updates.events import log as log_changes
from omero_embedded.updates.events import new_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from omero_embedded.files.repositories import Repository
    from omero_embedded.importer.filesets import Prepared
    from omero_embedded.security.context import Call

log = logging.getLogger(__name__)

NS_FILE_TRANSFER = "openmicroscopy.org/omero/import/fileTransfer"
_LINKS = {
    "ome.formats.importer.transfers.SymlinkFileTransfer": Path.symlink_to,
    "ome.formats.importer.transfers.HardlinkFileTransfer": Path.hardlink_to,
}


class State(enum.Enum):
    """Where an import stands."""

    UPLOADING = enum.auto()
    VERIFYING = enum.auto()
    RUNNING = enum.auto()
    DONE = enum.auto()
    FAILED = enum.auto()


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What is known of an uploaded file."""

    size: int
    hash: str


class ImportProcess:
    """State of one import; whatever goes wrong, nothing of it is left once the client closed it."""

    def __init__(
        self, call: Call, repository: Repository, prepared: Prepared, settings: Any, algorithm: str
    ) -> None:
        self.repository = repository
        self.prepared = prepared
        self.settings = settings
        self.algorithm = algorithm
        self._call = call
        self._state = State.UPLOADING
        self._closed = False
        self._uploaded: dict[int, Uploaded] = {}
        self._handles: list[FileHandle] = []
        self._lock = threading.Lock()

    @property
    def _takes_files(self) -> bool:
        return self._state is State.UPLOADING and not self._closed

    def path(self, index: int) -> Path:
        """Where the file of an entry is. Raises omero.ApiUsageException for an index out of range."""
        count = len(self.prepared.file_ids)
        if not 0 <= index < count:
            raise errors.api_usage(f"file {index} is out of range: the fileset has files 0 to {count - 1}")
        return self.prepared.path(self.repository.root, index)

    def uploader(self, index: int) -> FileHandle:
        """A handle for writing one file. Raises omero.ApiUsageException after verification."""
        label = f"file {index} of Fileset:{self.prepared.id}"
        handle = FileHandle(self.path(index), label, self.algorithm, read_soon=True)
        with self._lock:
            if not self._takes_files:
                raise errors.api_usage("the upload is verified or closed; files can no longer be written")
            self._handles.append(handle)
        return handle

    def finished(self, index: int, handle: FileHandle) -> None:
        """The client closed an uploader."""
        if not self._takes_files:
            return
        if not handle.exists():
            handle.touch()
        self._uploaded[index] = Uploaded(handle.size(), handle.checksum())

    def offset(self, index: int) -> int:
        """Bytes that have arrived, for going on with an interrupted upload."""
        path = self.path(index)
        return path.stat().st_size if path.exists() else 0

    def verify(self, call: Call, hashes: Sequence[str]) -> None:
        """Compare the client's checksums with the files, and store those.

        Raises omero.ChecksumValidationException with the server's checksum of every file that differs.
        """
        with self._verifying():
            self._verify(call, hashes)

    @contextmanager
    def _verifying(self) -> Iterator[None]:
        """Whoever closes the import meanwhile leaves it alone: verified, it runs; refused, it is taken back here."""
        with self._lock:
            if self._state is not State.UPLOADING:
                raise errors.api_usage("the upload is verified already")
            self._state = State.VERIFYING
            self._seal()  # what is verified stays what it is
        try:
            yield
        except BaseException:
            with self._lock:
                self._state = State.UPLOADING
                closed = self._closed
                self._seal(sealed=closed)
            if closed:
                self._discard()
            raise
        with self._lock:
            self._state = State.RUNNING

    def _verify(self, call: Call, hashes: Sequence[str]) -> None:
        count = len(self.prepared.file_ids)
        if len(hashes) != count:
            raise errors.api_usage(f"{len(hashes)} checksums for {count} files")
        self._link_in_place(call)
        found = [self._checked(index) for index in range(count)]
        failing = {
            index: made.hash
            for index, (made, sent) in enumerate(zip(found, hashes, strict=True))
            if made.hash != sent.lower()
        }
        if failing:
            names = ", ".join("/".join(self.prepared.plan.files[index]) for index in failing)
            text = f"{self.algorithm} checksums differ from the client's: {names}"
            raise omero.ChecksumValidationException(None, "omero.ChecksumValidationException", text, failing)
        self._store(call, found)

    def _checked(self, index: int) -> Uploaded:
        path = self.path(index)
        known = self._uploaded.get(index)
        try:
            size = path.stat().st_size
            if known is not None and known.size == size:
                return known
            return Uploaded(size, checksums.of_file(self.algorithm, path))
        except OSError as error:
            raise errors.resource(f"file {index} ({path.name}) was not uploaded: {error.strerror}") from error

    def _store(self, call: Call, found: Sequence[Uploaded]) -> None:
        table = rows.TABLE
        statement = update(table).where(table.c.id == bindparam("key"))
        values = [
            {"key": file_id, "size": made.size, "hash": made.hash}
            for file_id, made in zip(self.prepared.file_ids, found, strict=True)
        ]
        jobs = self.prepared.jobs
        with call.db.write() as connection:
            connection.execute(statement.values(size=bindparam("size"), hash=bindparam("hash")), values)
            filesets.set_status(connection, call, [jobs["UploadJob"]], "Finished")
            filesets.set_status(connection, call, [jobs["MetadataImportJob"]], "Running")
            log_changes(connection, new_event(connection, call), [("UPDATE", "UploadJob", jobs["UploadJob"])])

    def _link_in_place(self, call: Call) -> None:
        """Link files that an administrator wants imported where they are, if omero.fs.inplace allows it."""
        linker = self._linker()
        if linker is None:
            return
        for index, entry in enumerate(self.prepared.fileset.copyUsedFiles()):
            path = self.path(index)
            if path.exists():
                continue
            if not call.caller.is_admin or call.server.config.get("omero.fs.inplace", "false") != "true":
                raise errors.security("in-place import is for administrators, where omero.fs.inplace is true")
            source = Path(entry.getClientPath().getValue())
            if not source.is_absolute() or not source.is_file():
                raise errors.resource(f"{source} is not the absolute path of a file on the server")
            linker(path, source)

    def _linker(self) -> Callable[[Path, Path], None] | None:
        for annotation in self.prepared.fileset.linkedAnnotationList():
            if isinstance(annotation, omero.model.CommentAnnotation) and annotation.isLoaded():
                ns, text = annotation.getNs(), annotation.getTextValue()
                if ns is not None and ns.getValue() == NS_FILE_TRANSFER and text is not None:
                    return _LINKS.get(text.getValue())
        return None

    def run(self, call: Call, progress: Callable[[int, int], None]) -> list[Any]:
        """Make the images. Raises ReadError or a typed exception, and takes everything back once closed."""
        settings = self.settings
        statistics = settings.noStatsInfo is None or not settings.noStatsInfo.getValue()
        try:
            images = run(
                call, self.repository, self.prepared, wishes_of(settings), progress, statistics=statistics
            )
        except BaseException as error:
            self._fail(call, error)
            raise
        with self._lock:
            self._state = State.DONE
        return images

    def _fail(self, call: Call, error: BaseException) -> None:
        with self._lock:
            self._state = State.FAILED
            closed = self._closed
        if closed:
            self._discard()
            return
        write_failure(self.repository, self.prepared, str(error))
        with call.db.write() as connection:
            filesets.set_status(
                connection, call, list(self.prepared.jobs.values()), "Error", str(error)[:1000]
            )

    def close(self) -> None:
        """The client is through with it: what did not become images is removed."""
        with self._lock:
            first = not self._closed
            self._closed = True
            abandoned = self._state in (State.UPLOADING, State.FAILED)
            self._seal()
        if first and abandoned:
            self._discard()

    def _seal(self, *, sealed: bool = True) -> None:
        for handle in self._handles:
            handle.seal(sealed=sealed)

    def _discard(self) -> None:
        log.info("import discarded fileset=%s", self.prepared.id)
        filesets.discard(self._call, self.repository, self.prepared)


def wishes_of(settings: Any) -> Wishes:
    """What the client's settings ask for."""
    name, description = settings.userSpecifiedName, settings.userSpecifiedDescription
    return Wishes(
        name=None if name is None else name.getValue(),
        description=None if description is None else description.getValue(),
        target=settings.userSpecifiedTarget,
        annotations=[
            annotation for annotation in settings.userSpecifiedAnnotationList or () if annotation is not None
        ],
        pixel_sizes=list(settings.userSpecifiedPixels or ()),
    )
