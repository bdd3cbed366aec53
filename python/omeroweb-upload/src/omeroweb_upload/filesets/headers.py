"""Headers of files that are on disk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tifffile import TiffFile, TiffFileError

if TYPE_CHECKING:
    from pathlib import Path

_TIFF = re.compile(r".+\.(?:tiff?|tf2|tf8|btf)", re.IGNORECASE)
MAX_XML_BYTES = 64 * 1024 * 1024


class StagedHeaders:
    """Reads headers below a folder; a file that cannot be read has no header."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def ome_xml(self, path: str) -> str | None:
        """The OME-XML of a TIFF's first page or of a companion file."""
        place = self._root / path
        try:
            text = _tiff_description(place) if _TIFF.fullmatch(path) else _small_text(place)
        except (OSError, TiffFileError, ValueError, IndexError):
            return None
        return text if text is not None and re.search(r"<(?:\w+:)?OME[\s>]", text[:4096]) else None


def _tiff_description(place: Path) -> str | None:
    with TiffFile(place) as tiff:
        description = tiff.pages.first.description
    return description or None


def _small_text(place: Path) -> str | None:
    if place.stat().st_size > MAX_XML_BYTES:
        return None
    return place.read_text(encoding="utf-8", errors="replace")
