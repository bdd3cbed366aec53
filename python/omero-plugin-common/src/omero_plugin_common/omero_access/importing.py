"""Importing files into the managed repository: announce them, send them, have them verified and read."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any, Final

import omero
import omero.grid
import omero.model
from omero.rtypes import rbool, rstring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

CHECKSUM: Final = "SHA1-160"
FIRST_WAIT_SECONDS: Final = 0.01
LONGEST_WAIT_SECONDS: Final = 0.5
LONGEST_TEXT: Final = 500


class ImportRefusedError(Exception):
    """OMERO could not import the files; the message is its own, `response` its answer if it gave one."""

    def __init__(self, text: str, response: Any = None) -> None:
        super().__init__(text)
        self.response = response


class ImportOverdueError(Exception):
    """OMERO did not finish in time."""


def managed_repository(conn: Any) -> Any:
    """The first managed repository of the server; raises ImportRefusedError if it has none."""
    managed = conn.c.getManagedRepository()
    if managed is None:
        raise ImportRefusedError("This OMERO server has no managed repository to import into.")
    return managed


def new_fileset(client_paths: Iterable[str], comments: Iterable[tuple[str, str]] = ()) -> Any:
    """A fileset to make of files, the one to hand to a reader first; comments are (namespace, text)."""
    fileset = omero.model.FilesetI()
    for path in client_paths:
        entry = omero.model.FilesetEntryI()
        entry.clientPath = rstring(path)
        fileset.addFilesetEntry(entry)
    fileset.linkJob(omero.model.UploadJobI())
    for namespace, text in comments:
        annotation = omero.model.CommentAnnotationI()
        annotation.ns, annotation.textValue = rstring(namespace), rstring(text)
        fileset.linkAnnotation(annotation)
    return fileset


def import_settings(
    *,
    thumbnails: bool = True,
    statistics: bool = True,
    name: str | None = None,
    description: str | None = None,
    target: tuple[str, int] | None = None,
) -> Any:
    """What to do with the files; `target` is ("Dataset" or "Screen", id) or None."""
    settings = omero.grid.ImportSettings()
    settings.doThumbnails = rbool(thumbnails)
    settings.noStatsInfo = rbool(not statistics)
    settings.checksumAlgorithm = omero.model.ChecksumAlgorithmI()
    settings.checksumAlgorithm.value = rstring(CHECKSUM)
    settings.userSpecifiedAnnotationList = []
    if name is not None:
        settings.userSpecifiedName = rstring(name)
    if description is not None:
        settings.userSpecifiedDescription = rstring(description)
    if target is not None:
        kind, number = target
        made = omero.model.ScreenI if kind == "Screen" else omero.model.DatasetI
        settings.userSpecifiedTarget = made(number, False)
    return settings


def import_fileset(
    repository: Any,
    fileset: Any,
    settings: Any,
    send: Callable[[Any], Sequence[str]],
    *,
    wait: Callable[[float], None],
    timeout_seconds: float,
    call_context: Mapping[str, str] | None = None,
) -> Any:
    """Import one fileset and return the server's ImportResponse.

    `send` takes the import process, writes every file through `getUploader(number)` and returns their SHA-1s in
    hexadecimal; `wait` pauses for seconds while the server reads them, and may raise. Raises
    omero.ChecksumValidationException when what arrived is not what was sent, ImportRefusedError, ImportOverdueError.
    """
    process = repository.importFileset(fileset, settings, call_context)
    try:
        handle = process.verifyUpload(list(send(process)))
        try:
            response = _response(handle, wait, timeout_seconds)
        finally:
            handle.close()
    finally:
        process.close()
    if not isinstance(response, omero.grid.ImportResponse):
        raise ImportRefusedError(_text_of(response), response)
    return response


def import_content(
    conn: Any,
    name: str,
    content: bytes,
    settings: Any,
    *,
    wait: Callable[[float], None] = time.sleep,
    timeout_seconds: float,
    call_context: Mapping[str, str] | None = None,
) -> Any:
    """Import one small file from memory; answers and raises as `import_fileset`."""

    def send(process: Any) -> list[str]:
        store = process.getUploader(0)
        try:
            store.write(content, 0, len(content))
        finally:
            store.close()
        return [hashlib.sha1(content, usedforsecurity=False).hexdigest()]

    return import_fileset(
        managed_repository(conn),
        new_fileset([name]),
        settings,
        send,
        wait=wait,
        timeout_seconds=timeout_seconds,
        call_context=call_context,
    )


def _response(handle: Any, wait: Callable[[float], None], timeout_seconds: float) -> Any:
    deadline = time.monotonic() + timeout_seconds
    pause = FIRST_WAIT_SECONDS
    while (response := handle.getResponse()) is None:
        if time.monotonic() > deadline:
            raise ImportOverdueError(f"OMERO did not finish the import within {timeout_seconds:.0f} s.")
        wait(pause)
        pause = min(LONGEST_WAIT_SECONDS, pause * 1.5)
    return response


def _text_of(response: Any) -> str:
    """What the server says went wrong, in one line."""
    parameters = dict(getattr(response, "parameters", None) or {})
    text = parameters.get("message") or parameters.get("stacktrace", "").partition("\n")[0] or response.name
    return " ".join(str(text).split())[:LONGEST_TEXT] or "OMERO could not import these files."
