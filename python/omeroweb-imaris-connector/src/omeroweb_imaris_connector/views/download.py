"""Sending a .ims file from OMERO to the browser, whole or in parts, never through the memory of the web server."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import Ice
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from omero.sys import ParametersI
from omeroweb.decorators import ConnCleaningHttpResponse

from omero_plugin_common.models import JobState
from omero_plugin_common.web.errors import UserError
from omeroweb_imaris_connector import metrics
from omeroweb_imaris_connector.services import cache
from omeroweb_imaris_connector.services.ranges import ByteRange, UnsatisfiableRangeError, parse_range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_plugin_common.models import Job
    from omero_plugin_common.web.caller import Caller

PIECE_BYTES = 4 * 1024 * 1024
EVERYWHERE = {"omero.group": "-1"}
_IMAGE = "select image.id from Image image where image.id = :id"
_FILE = """
select file.id, file.name, file.size from FileAnnotation annotation join annotation.file file where annotation.id = :id
"""


def download(request: HttpRequest, caller: Caller, job: Job) -> HttpResponse:
    """Answer with the file of a finished export; raises UserError 409 before its end and 404 when it is gone."""
    if job.state != JobState.DONE or not job.result:
        raise UserError(
            f"This export has no file yet (it is {JobState(job.state).label.lower()}).", status=409
        )
    file_id, name, size = _readable_file(caller.conn, job)
    tag = f'"ims-{file_id}-{size}"'
    try:
        wanted = _range(request, tag, size)
    except UnsatisfiableRangeError:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    part = wanted or ByteRange(0, size)
    response = ConnCleaningHttpResponse(
        _pieces(caller.conn, file_id, part),
        status=206 if wanted else 200,
        content_type="application/octet-stream",
    )
    response.conn = caller.conn
    response["Content-Length"] = str(part.length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    if wanted:
        response["Content-Range"] = wanted.header(size)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    cache.touch(int(job.result["annotation_id"]))
    answer: HttpResponse = response
    return answer


def _range(request: HttpRequest, tag: str, size: int) -> ByteRange | None:
    header = request.headers.get("Range")
    if header is None or request.headers.get("If-Range", tag) != tag:
        return None
    return parse_range(header, size)


def _readable_file(conn: Any, job: Job) -> tuple[int, str, int]:
    """The file, as far as the caller may read both it and the image it was made from."""
    query = conn.getQueryService()
    result = job.result or {}
    if not query.projection(_IMAGE, ParametersI().addId(int(result["image_id"])), EVERYWHERE):
        raise UserError("The image of this export was deleted, or you may not see it any more.", status=404)
    rows = query.projection(_FILE, ParametersI().addId(int(result["annotation_id"])), EVERYWHERE)
    if not rows:
        raise UserError(
            "The file of this export was deleted, or you may not see it any more. Export the image again.",
            status=404,
        )
    file_id, name, size = (cell.getValue() for cell in rows[0])
    return int(file_id), str(name), int(size)


def _pieces(conn: Any, file_id: int, part: ByteRange) -> Iterator[bytes]:
    store = conn.c.sf.createRawFileStore()
    try:
        store.setFileId(file_id, EVERYWHERE)
        position = part.start
        while position < part.stop:
            piece = bytes(store.read(position, min(PIECE_BYTES, part.stop - position)))
            if not piece:
                # The length was promised; ending early tells the browser that the download failed.
                return
            position += len(piece)
            metrics.DOWNLOADED.inc(len(piece))
            yield piece
    finally:
        with contextlib.suppress(Ice.Exception):
            store.close()
