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
import omero.grid
from omero.rtypes import rbool, rstring

from omero_plugin_common.health.problems import new_reference
from omero_plugin_common.jobs.transient import is_transient
from omeroweb_upload.engines.base import SetPlan, SetResult
from omeroweb_upload.engines.marking import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omeroweb_upload.engines.base import SetFile, Watch

logger = logging.getLogger(__name__)

BLOCK_BYTES: Final = 4 * 1024 * 1024
FIRST_WAIT_SECONDS: Final = 0.004
LONGEST_WAIT_SECONDS: Final = 0.5
SYMLINK: Final = "ome.formats.importer.transfers.SymlinkFileTransfer"
NS_FILE_TRANSFER: Final = "openmicroscopy.org/omero/import/fileTransfer"


class ChangedFileError(Exception):
    """A staged file is not what arrived."""


class RefusedError(Exception):
    """OMERO could not import the files; the message is its own."""


class ApiEngine:
    """Sends file sets to the managed repository, several at once over one connection."""

    name = "api"

    def __init__(self, *, threads: int, timeout_seconds: float) -> None:
        self._threads = threads
        self._timeout = timeout_seconds

    def run(self, conn: Any, plans: Sequence[SetPlan], watch: Watch) -> Iterator[SetResult]:
        """Import the sets; results come as they end. Raises what makes all further ones pointless."""
        repository = conn.c.sf.sharedResources().repositories()
        managed = managed_repository(repository)
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
        except RefusedError as error:
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
        process = managed.importFileset(fileset_of(plan), settings_of(plan))
        try:
            hashes = [
                _hashed_only(file) if plan.in_place else _send(process, number, file, watch)
                for number, file in enumerate(plan.files)
            ]
            watch.check()
            try:
                handle = process.verifyUpload(hashes)
            except omero.ChecksumValidationException as error:
                raise ChangedFileError(
                    f"What OMERO stored differs from what was sent: {error.message}"
                ) from error
            return self._response(handle, watch)
        finally:
            process.close()

    def _response(self, handle: Any, watch: Watch) -> Any:
        """Wait for the server's part; its answer, or RefusedError."""
        deadline = time.monotonic() + self._timeout
        pause = FIRST_WAIT_SECONDS
        try:
            while (response := handle.getResponse()) is None:
                watch.check()
                if time.monotonic() > deadline:
                    raise RefusedError(f"OMERO did not finish the import within {self._timeout:.0f} s.")
                time.sleep(pause)
                pause = min(LONGEST_WAIT_SECONDS, pause * 1.5)
        finally:
            handle.close()
        if not isinstance(response, omero.grid.ImportResponse):
            raise RefusedError(_error_text(response))
        return response


def managed_repository(repositories: Any) -> Any:
    """The first managed repository of the server."""
    for proxy in repositories.proxies:
        managed = omero.grid.ManagedRepositoryPrx.checkedCast(proxy)
        if managed is not None:
            return managed
    raise RefusedError("This OMERO server has no managed repository to import into.")


def fileset_of(plan: SetPlan) -> Any:
    """The fileset to make, marked so that it is found again after an interruption."""
    fileset = omero.model.FilesetI()
    for file in plan.files:
        entry = omero.model.FilesetEntryI()
        entry.clientPath = rstring(str(file.staged) if plan.in_place else file.path)
        fileset.addFilesetEntry(entry)
    fileset.linkJob(omero.model.UploadJobI())
    fileset.linkAnnotation(_comment(NAMESPACE, plan.marker))
    if plan.in_place:
        fileset.linkAnnotation(_comment(NS_FILE_TRANSFER, SYMLINK))
    return fileset


def _comment(namespace: str, text: str) -> Any:
    annotation = omero.model.CommentAnnotationI()
    annotation.ns = rstring(namespace)
    annotation.textValue = rstring(text)
    return annotation


def settings_of(plan: SetPlan) -> Any:
    """What to do with the files."""
    settings = omero.grid.ImportSettings()
    settings.doThumbnails = rbool(True)
    settings.noStatsInfo = rbool(False)
    settings.checksumAlgorithm = omero.model.ChecksumAlgorithmI()
    settings.checksumAlgorithm.value = rstring("SHA1-160")
    settings.userSpecifiedAnnotationList = []
    if plan.name is not None:
        settings.userSpecifiedName = rstring(plan.name)
    if plan.target is not None:
        kind, number = plan.target
        made = omero.model.ScreenI if kind == "Screen" else omero.model.DatasetI
        settings.userSpecifiedTarget = made(number, False)
    return settings


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


def _error_text(response: Any) -> str:
    parameters = dict(getattr(response, "parameters", None) or {})
    text = parameters.get("message") or parameters.get("stacktrace", "").partition("\n")[0] or response.name
    return " ".join(str(text).split())[:500] or "OMERO could not import these files."
