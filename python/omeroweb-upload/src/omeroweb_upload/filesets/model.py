"""What detection takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """Why files are one set."""

    SINGLE = "single"
    OME = "ome"
    FORMAT = "format"
    PLATE = "plate"
    DIRECTORY = "directory"
    SERIES = "series"


class HeaderReader(Protocol):
    """Reads the small part of a file that says what belongs to it."""

    def ome_xml(self, path: str) -> str | None:
        """The OME-XML of a TIFF or companion file, or None where there is none; never raises for broken files."""


class NoHeaders:
    """For lists of paths without files: names decide alone."""

    def ome_xml(self, path: str) -> str | None:  # noqa: ARG002  the protocol's signature
        """Nothing is known of the inside of a file."""
        return None


@dataclass(frozen=True, slots=True)
class FileSet:
    """Files that are imported together; `main` is the one to hand to a reader, `members` holds it too.

    `images` and `planes` are None where only a reader can tell. `missing` names files that the set refers to and that
    are not there: such a set should not be imported.
    """

    kind: Kind
    format: str
    main: str
    members: tuple[str, ...]
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    images: int | None = None
    planes: int | None = None

    @property
    def complete(self) -> bool:
        """Whether everything the set refers to is there."""
        return not self.missing

    def size(self, sizes: Mapping[str, int]) -> int:
        """Bytes of all members."""
        return sum(sizes[member] for member in self.members)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is left out, with the reason as a sentence."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Detection:
    """Every path is in exactly one set or skipped."""

    sets: tuple[FileSet, ...]
    skipped: tuple[Skipped, ...]
