"""What a reader finds out about the images in a file, as plain values.

A measure is a pair (value, name of OMERO's unit constant); colours are (red, green, blue, alpha), 0 to 255.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omero_embedded.pixels.types import Dimensions

Measure = tuple[float, str]
Rgba = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class NoteInfo:
    """An annotation: its kind, and the field of OMERO's class that its value goes to; pairs for key-values; its id in the file."""

    kind: str
    namespace: str | None
    description: str | None
    field: str
    value: str | tuple[tuple[str, str], ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class PartInfo:
    """Part of an instrument, a screen or a plate.

    `kind` is its class in OMERO, `values` are its attributes and short texts in the file's words, `pairs` its key-values;
    `refers` names other parts as (role, id).
    """

    kind: str
    id: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    parts: tuple[PartInfo, ...] = ()
    refers: tuple[tuple[str, str], ...] = ()
    notes: tuple[NoteInfo, ...] = ()

    def ids(self, role: str) -> list[str]:
        """The ids that it refers to in a role."""
        return [name for found, name in self.refers if found == role]


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """One channel; `enums` and `settings` by the field of LogicalChannel they go to, `values` in the file's words."""

    name: str | None = None
    color: Rgba | None = None
    emission: Measure | None = None
    excitation: Measure | None = None
    fluor: str | None = None
    pinhole: Measure | None = None
    samples: int = 1
    enums: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, PartInfo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlaneInfo:
    """Where and when one plane was taken."""

    z: int
    c: int
    t: int
    delta_t: Measure | None = None
    exposure: Measure | None = None
    position: tuple[Measure | None, Measure | None, Measure | None] = (None, None, None)


@dataclass(frozen=True, slots=True)
class ShapeInfo:
    """One shape of a ROI: its kind (Rectangle, …), its attributes in the file's words, its matrix by columns, its bits."""

    kind: str
    values: Mapping[str, str]
    transform: tuple[float, ...] | None = None
    mask: bytes | None = None


@dataclass(frozen=True, slots=True)
class RoiInfo:
    """A region of interest."""

    name: str | None
    description: str | None
    shapes: tuple[ShapeInfo, ...]


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """One image of a file; `metadata` is everything the file says about it, in the file's own words.

    `instrument` is the id of one of the file's instruments, `objective` the settings of one of its objectives.
    """

    name: str
    dimensions: Dimensions
    pixel_type: str
    order: str = "XYZCT"
    description: str | None = None
    acquired_ms: int | None = None
    significant_bits: int | None = None
    physical_size: tuple[Measure | None, Measure | None, Measure | None] = (None, None, None)
    time_increment: Measure | None = None
    stage: tuple[str, Measure | None, Measure | None, Measure | None] | None = None
    channels: tuple[ChannelInfo, ...] = ()
    planes: tuple[PlaneInfo, ...] = ()
    id: str = ""
    instrument: str | None = None
    objective: PartInfo | None = None
    environment: PartInfo | None = None
    rois: tuple[RoiInfo, ...] = ()
    notes: tuple[NoteInfo, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileInfo:
    """All images of a file; an image's place in `images` is its series.

    `picture` tells formats of photos and drawings, whose channels are red, green, blue and alpha.
    """

    format: str
    images: tuple[ImageInfo, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    instruments: tuple[PartInfo, ...] = ()
    screens: tuple[PartInfo, ...] = ()
    plates: tuple[PartInfo, ...] = ()
    picture: bool = False
