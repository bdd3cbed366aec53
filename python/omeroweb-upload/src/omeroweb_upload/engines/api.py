"""Import through OMERO's own API: the managed repository takes the files, checks them, and reads them on the server.

No Java runs here. Every file is hashed again while it is sent: SHA-256 must be what it was on arrival, and OMERO must
come to the same SHA-1, so bytes are followed from the browser into the repository.
"""

from __future__ import annotations

import hashlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any, Final

import omero
import omero.all

from omero_plugin_common.health.problems import new_reference
from omero_plugin_common.jobs.transient import is_transient
from omero_plugin_common.omero_access.importing import (
    ImportOverdueError,
    ImportRefusedError,
    import_fileset,
    import_settings,
    managed_repository,
    new_fileset,
)
from omeroweb_upload.engines.base import SetPlan, SetResult
from omeroweb_upload.engines.marking import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omeroweb_upload.engines.base import SetFile, Watch

logger = logging.getLogger(__name__)

BLOCK_BYTES: Final = 4 * 1024 * 1024
SYMLINK: Final = "ome.formats.importer.transfers.SymlinkFileTransfer"
NS_FILE_TRANSFER: Final = "openmicroscopy.org/omero/import/fileTransfer"


class ChangedFileError(Exception):
    """A staged file is not what arrived."""


class ApiEngine:
    """Sends file sets to the managed repository, several at once over one connection."""

    name = "api"

    def __init__(self, *, threads: int, timeout_seconds: float) -> None:
        self._threads = threads
        self._timeout = timeout_seconds

    def run(self, conn: Any, plans: Sequence[SetPlan], watch: Watch) -> Iterator[SetResult]:
        """Import the sets; results come as they end. Raises what makes all further ones pointless."""
        managed = managed_repository(conn)
        if len(plans) == 1 or self._threads == 1:
            for plan in plans:
                watch.check()
                yield self._one(managed, plan, watch)
            return
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="import")
        try:
            for done in as_completed([pool.submit(self._one, managed, plan, watch) for plan in plans]):
                yield done.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _one(self, managed: Any, plan: SetPlan, watch: Watch) -> SetResult:
        watch.check()
        began = time.monotonic()
        try:
            response = self._import(managed, plan, watch)
        except ChangedFileError as error:
            return SetResult(plan.id, message=str(error), reason="changed", seconds=time.monotonic() - began)
        except (ImportRefusedError, ImportOverdueError) as error:
            return SetResult(plan.id, message=str(error), reason="refused", seconds=time.monotonic() - began)
        except omero.ServerError as error:
            if is_transient(error):
                raise
            reference = new_reference()
            logger.exception("import_failed marker=%s reference=%s", plan.marker, reference)
            message = f"{server_message(error)} (reference {reference})"
            return SetResult(
                plan.id, message=message, reason=type(error).__name__, seconds=time.monotonic() - began
            )
        images = tuple(sorted({int(pixels.image.id.val) for pixels in response.pixels}))
        plates = tuple(int(item.id.val) for item in response.objects if isinstance(item, omero.model.Plate))
        return SetResult(plan.id, images, plates, seconds=time.monotonic() - began)

    def _import(self, managed: Any, plan: SetPlan, watch: Watch) -> Any:
        def send(process: Any) -> list[str]:
            hashes = [
                _hashed_only(file) if plan.in_place else _send(process, number, file, watch)
                for number, file in enumerate(plan.files)
            ]
            watch.check()
            return hashes

        def wait(seconds: float) -> None:
            watch.check()
            time.sleep(seconds)

        try:
            return import_fileset(
                managed,
                fileset_of(plan),
                import_settings(name=plan.name, target=plan.target),
                send,
                wait=wait,
                timeout_seconds=self._timeout,
            )
        except omero.ChecksumValidationException as error:
            raise ChangedFileError(
                f"What OMERO stored differs from what was sent: {error.message}"
            ) from error


def fileset_of(plan: SetPlan) -> Any:
    """The fileset to make, marked so that it is found again after an interruption."""
    comments = [(NAMESPACE, plan.marker)]
    if plan.in_place:
        comments.append((NS_FILE_TRANSFER, SYMLINK))
    return new_fileset((str(file.staged) if plan.in_place else file.path for file in plan.files), comments)


def _send(process: Any, number: int, file: SetFile, watch: Watch) -> str:
    """Send one file; returns its SHA-1. Raises ChangedFileError if it is not what arrived."""
    store = process.getUploader(number)
    sha256, sha1 = hashlib.sha256(), hashlib.sha1()  # noqa: S324 - OMERO's checksum
    offset = 0
    try:
        with file.staged.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                watch.check()
                store.write(block, offset, len(block))
                sha256.update(block)
                sha1.update(block)
                offset += len(block)
    except FileNotFoundError as error:
        raise ChangedFileError(f"{file.path} is gone from the staging folder. Send it again.") from error
    finally:
        store.close()
    if offset != file.size or (file.sha256 and sha256.hexdigest() != file.sha256):
        raise ChangedFileError(f"{file.path} has changed on the server since it arrived. Send it again.")
    return sha1.hexdigest()


def _hashed_only(file: SetFile) -> str:
    """The SHA-1 of a file that stays where it is."""
    digest = hashlib.sha1()  # noqa: S324 - OMERO's checksum
    try:
        with file.staged.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise ChangedFileError(f"{file.path} can't be read on the share: {error.strerror}.") from error
    return digest.hexdigest()


def server_message(error: omero.ServerError) -> str:
    """What the server said, in one line."""
    return " ".join(str(error.message or type(error).__name__).split())[:500]
