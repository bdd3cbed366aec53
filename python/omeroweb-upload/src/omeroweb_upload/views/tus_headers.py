"""Headers of the tus 1.0 protocol (https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils.http import http_date

from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.receive import ALGORITHMS, Checksum

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from omeroweb_upload.config import UploadSettings
    from omeroweb_upload.models import UploadFile, UploadSession

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,termination,expiration"
CONTENT_TYPE: Final = "application/offset+octet-stream"
MAX_METADATA: Final = 16_384


def add_common(response: HttpResponse) -> HttpResponse:
    """What every answer carries."""
    response["Tus-Resumable"] = VERSION
    response["Cache-Control"] = "no-store"
    return response


def add_abilities(response: HttpResponse, settings: UploadSettings) -> HttpResponse:
    """What OPTIONS tells."""
    response["Tus-Version"] = VERSION
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Max-Size"] = str(settings.largest_session_bytes)
    response["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return response


def add_file(response: HttpResponse, row: UploadFile, settings: UploadSettings) -> HttpResponse:
    """Offset and end of one file's upload."""
    response["Upload-Offset"] = str(row.offset)
    response["Upload-Expires"] = http_date(expires(row.session, settings))
    return response


def expires(session: UploadSession, settings: UploadSettings) -> float:
    """When an upload that is not continued is removed, in seconds since 1970."""
    moment: float = (session.touched_at + timedelta(seconds=settings.cleanup_stale_age_seconds)).timestamp()
    return moment


def check_version(request: HttpRequest) -> None:
    """Raises UploadError 412 for another version of the protocol."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise UploadError(f"Send the header Tus-Resumable: {VERSION}.", status=412, reason="protocol")


def number(request: HttpRequest, name: str) -> int:
    """A header that must be a number of bytes; raises UploadError 400."""
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise UploadError(
            f"The header {name} must be a number of bytes, not {text[:40]!r}.", reason="protocol"
        )
    return int(text)


def checksum(request: HttpRequest) -> Checksum | None:
    """The checksum that a piece must have, if one was sent; raises UploadError 400."""
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.partition(" ")
    if algorithm not in ALGORITHMS:
        raise UploadError(
            f"Checksums can be {', '.join(ALGORITHMS)}, not {algorithm[:40]!r}.", reason="protocol"
        )
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != hashlib.new(algorithm).digest_size:
        raise UploadError(f"Upload-Checksum does not hold a {algorithm} in Base64.", reason="protocol")
    return Checksum(algorithm, digest)


def metadata(request: HttpRequest) -> dict[str, str]:
    """The pairs of Upload-Metadata; raises UploadError 400."""
    text = request.headers.get("Upload-Metadata", "")
    if len(text) > MAX_METADATA:
        raise UploadError("Upload-Metadata is too long.", reason="protocol")
    pairs: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, _, encoded = part.partition(" ")
        try:
            pairs[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UploadError(
                f"Upload-Metadata: {key[:40]!r} is not Base64 of UTF-8.", reason="protocol"
            ) from error
    return pairs
