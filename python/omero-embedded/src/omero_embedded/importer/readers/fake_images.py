"""The channels and planes of the images in a `.fake` file.

Format: https://bio-formats.readthedocs.io/en/latest/developers/generating-test-images.html (Key-value pairs)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

from omero_embedded.importer.metadata import ChannelInfo, PlaneInfo
from omero_embedded.importer.readers.base import ReadError
from omero_embedded.importer.readers.fake_companion import measure
from omero_embedded.importer.values import rgba

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omero_embedded.importer.metadata import Measure, Rgba
    from omero_embedded.importer.readers.fake_companion import Said
    from omero_embedded.pixels.types import Dimensions

_OF_PLANES = ("ExposureTime_", "DeltaT_", "PositionX_", "PositionY_", "PositionZ_")


@dataclass(frozen=True, slots=True)
class PlaneOrder:
    """In which order a file counts its planes, e.g. XYZCT: z changes first."""

    name: str
    sizes: Dimensions

    def __post_init__(self) -> None:
        if self.name[:2] != "XY" or sorted(self.name[2:]) != ["C", "T", "Z"]:
            raise ReadError(f"dimOrder={self.name} is no order of planes such as XYZCT")

    def number(self, z: int, c: int, t: int) -> int:
        """The place of a plane."""
        sizes = {"Z": self.sizes.z, "C": self.sizes.c, "T": self.sizes.t}
        first, second, third = list(self.name[2:])
        place = {"Z": z, "C": c, "T": t}
        return place[first] + sizes[first] * (place[second] + sizes[second] * place[third])

    def planes(self) -> Iterator[tuple[int, int, int]]:
        """z, c and t of all planes, by their place."""
        sizes = {"Z": self.sizes.z, "C": self.sizes.c, "T": self.sizes.t}
        for slow_to_fast in product(*(range(sizes[axis]) for axis in reversed(self.name[2:]))):
            place = dict(zip(reversed(self.name[2:]), slow_to_fast, strict=True))
            yield place["Z"], place["C"], place["T"]


def channels_of(said: Said, series: int, count: int) -> tuple[ChannelInfo, ...]:
    """Names and wavelengths of a series' channels, colours of the file's."""
    own = said.series.get(series, {})
    return tuple(
        ChannelInfo(
            name=own.get(f"ChannelName_{channel}"),
            color=_color(said.keys.get(f"color_{channel}", said.keys.get("color"))),
            emission=measure(own.get(f"ChannelEmissionWavelength_{channel}"), "Length", "nm"),
            excitation=measure(own.get(f"ChannelExcitationWavelength_{channel}"), "Length", "nm"),
        )
        for channel in range(count)
    )


def planes_of(said: Said, series: int, order: PlaneOrder) -> tuple[PlaneInfo, ...]:
    """When and where each plane was taken; none at all if nothing is said of any."""
    own = said.series.get(series, {})
    everywhere = measure(said.keys.get("exposureTime"), "Time", "s")
    if everywhere is None and not any(key.startswith(_OF_PLANES) for key in own):
        return ()
    return tuple(
        PlaneInfo(
            *place,
            delta_t=_of_plane(own, "DeltaT", number, "Time", "s"),
            exposure=_of_plane(own, "ExposureTime", number, "Time", "s") or everywhere,
            position=(
                _of_plane(own, "PositionX", number, "Length", "µm"),
                _of_plane(own, "PositionY", number, "Length", "µm"),
                _of_plane(own, "PositionZ", number, "Length", "µm"),
            ),
        )
        for number, place in enumerate(order.planes())
    )


def acquired_ms(said: Said) -> int | None:
    """Milliseconds since the epoch of the acquisition date, which is written as 2017-01-31_23-59-00."""
    written = said.keys.get("acquisitionDate")
    if written is None:
        return None
    try:
        moment = datetime.strptime(written, "%Y-%m-%d_%H-%M-%S").replace(tzinfo=UTC)
    except ValueError:
        raise ReadError(f"acquisitionDate={written} is not written as 2017-01-31_23-59-00") from None
    return int(moment.timestamp() * 1000)


def _of_plane(own: Mapping[str, str], name: str, number: int, kind: str, default_unit: str) -> Measure | None:
    unit = own.get(f"{name}Unit_{number}", default_unit)
    return measure(own.get(f"{name}_{number}"), kind, unit)


def _color(written: str | None) -> Rgba | None:
    if written is None:
        return None
    hexadecimal = written.lower().startswith("0x")
    try:
        return rgba(str(int(written, 16 if hexadecimal else 10)))
    except ValueError:
        return None
