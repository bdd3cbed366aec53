"""What a reader is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omero_embedded.importer.metadata import FileInfo
    from omero_embedded.pixels.source import PixelSource


class ReadError(ValueError):
    """A file that cannot be imported; the message says what is wrong with it."""


class Reader(Protocol):
    """Reads one family of formats."""

    name: str

    def main_file(self, paths: Sequence[Path]) -> Path | None:
        """The file of a fileset to open, None if no file is of this reader's formats."""

    def describe(self, path: Path) -> FileInfo:
        """All images of the file. Raises ReadError."""

    def open(self, path: Path, series: int) -> PixelSource:
        """The pixel data of one image. Raises ReadError."""


def by_suffix(paths: Sequence[Path], suffixes: tuple[str, ...]) -> Path | None:
    """The first file whose name ends in one of the suffixes."""
    return next((path for path in paths if path.name.lower().endswith(suffixes)), None)
