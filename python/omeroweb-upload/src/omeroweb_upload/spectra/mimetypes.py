"""What kind of file OMERO is told an attachment is."""

from __future__ import annotations

import mimetypes
from typing import Final

from omeroweb_upload.association import is_spectrum_name

# A browser would run these; OMERO.web serves attachments by their kind.
_ACTIVE: Final = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml", "text/javascript"})
UNKNOWN: Final = "application/octet-stream"


def mimetype_of(name: str) -> str:
    """The kind of a file by its name; what a browser would run is called unknown."""
    if is_spectrum_name(name):
        return "text/plain"
    guessed = mimetypes.guess_type(name)[0] or UNKNOWN
    return UNKNOWN if guessed in _ACTIVE else guessed
