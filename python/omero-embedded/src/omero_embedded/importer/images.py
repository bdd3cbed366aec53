"""From what a reader found to objects of OMERO's model, ready to be saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.rtypes import rbool, rdouble, rint, rstring, rtime

from omero_embedded.files.rows import enum_id
from omero_embedded.importer.colors import color_channels, set_color
from omero_embedded.importer.instruments import Instruments
from omero_embedded.importer.metadata import ChannelInfo, FileInfo, ImageInfo, PlaneInfo
from omero_embedded.importer.notes import make_note, make_roi
from omero_embedded.importer.plates import Plates
from omero_embedded.model.objects import new, proxy, unit
from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.statements import id_by_value
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from omero_embedded.importer.measure import Measured
    from omero_embedded.importer.metadata import Measure, NoteInfo

PENDING = "Pending..."
_FORMATS = {"TIFF": "Tiff", "JPEG-2000": "JPEG2000"}
_NAME_LENGTH = 255
_DIMENSION_ORDERS = ("XYZCT", "XYZTC", "XYCZT", "XYCTZ", "XYTZC", "XYTCZ")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for: names, container, annotations, pixel sizes in micrometres."""

    name: str | None = None
    description: str | None = None
    target: Any = None
    annotations: Sequence[Any] = ()
    pixel_sizes: Sequence[float] = ()


def image_name(info: ImageInfo, title: str, series: int, count: int) -> str:
    """OMERO's names: the title; for one of several images also its name in the file or its number, in brackets.

    Of more than 255 characters the last ones stay.
    """
    name = f"{title} [{(info.name or '').strip() or series}]" if count > 1 else title
    return name if len(name) <= _NAME_LENGTH else "…" + name[1 - _NAME_LENGTH :]


class Builder:
    """Makes the objects of one fileset's images; enumeration values are looked up once."""

    def __init__(
        self, connection: Connection, fileset_id: int, file_name: str, found: FileInfo, wishes: Wishes
    ) -> None:
        self._connection = connection
        self._fileset = proxy("Fileset", fileset_id)
        self._title = (wishes.name or "").strip() or file_name
        self._found = found
        self._wishes = wishes
        self._enums: dict[tuple[str, str], Any] = {}
        self._notes: dict[str, Any] = {}
        self._instruments = Instruments(found.instruments, self._enum)

    def plates(self, images: Sequence[Any]) -> list[Any]:
        """The file's plates, with the images that were made of it in their wells; not saved yet."""
        by_id = {info.id: image for info, image in zip(self._found.images, images, strict=True)}
        return Plates(by_id, self._enum, self._note).make(self._found, self._title, self._wishes)

    def image(self, info: ImageInfo, series: int, measured: Measured | None) -> Any:
        """One image with its pixels, channels, planes and links, not saved yet."""
        wishes = self._wishes
        image = new("Image")
        image.setName(rstring(image_name(info, self._title, series, len(self._found.images))))
        description = wishes.description or info.description
        image.setDescription(rstring(description) if description else None)
        image.setSeries(rint(series))
        image.setArchived(rbool(False))
        format_name = _FORMATS.get(self._found.format, self._found.format)
        image.setFormat(self._enum("Format", format_name, make=True))
        image.setFileset(self._fileset)
        if info.acquired_ms is not None:
            image.setAcquisitionDate(rtime(info.acquired_ms))
        if info.stage is not None:
            image.setStageLabel(_stage(*info.stage))
        self._instruments.describe_image(image, info)
        image.addPixels(self._pixels(info, measured))
        for roi in info.rois:
            image.addRoi(make_roi(roi))
        for note in filter(None, map(self._note, info.notes)):
            image.linkAnnotation(note)
        self._add_links(image)
        return image

    def _pixels(self, info: ImageInfo, measured: Measured | None) -> Any:
        pixels = new("Pixels")
        size = info.dimensions
        for axis, value in zip("XYZCT", (size.x, size.y, size.z, size.c, size.t), strict=True):
            getattr(pixels, f"setSize{axis}")(rint(value))
        pixels.setPixelsType(self._enum("PixelsType", info.pixel_type))
        pixels.setDimensionOrder(
            self._enum("DimensionOrder", info.order if info.order in _DIMENSION_ORDERS else "XYZCT")
        )
        pixels.setSha1(rstring(measured.sha1 if measured is not None and measured.sha1 else PENDING))
        if info.significant_bits is not None:
            pixels.setSignificantBits(rint(info.significant_bits))
        for position, axis in enumerate("XYZ"):
            getattr(pixels, f"setPhysicalSize{axis}")(self._physical_size(info, position))
        pixels.setTimeIncrement(_measure("Time", info.time_increment))
        channels = [
            self._channel(channel, measured.extremes[number] if measured is not None else None)
            for number, channel in enumerate(_channels(info))
        ]
        color_channels(channels, picture=self._found.picture)
        for channel in channels:
            pixels.addChannel(channel)
        for plane in info.planes:
            pixels.addPlaneInfo(_plane(plane))
        return pixels

    def _physical_size(self, info: ImageInfo, position: int) -> Any:
        wished = self._wishes.pixel_sizes
        if len(wished) > position and wished[position]:
            return unit("Length", float(wished[position]), "MICROMETER")
        found = info.physical_size[position]
        return _measure("Length", found) if found is not None and found[0] > 0 else None

    def _channel(self, info: ChannelInfo, extremes: tuple[float, float] | None) -> Any:
        logical = new("LogicalChannel")
        logical.setName(rstring(info.name) if info.name else None)
        logical.setFluor(rstring(info.fluor) if info.fluor else None)
        logical.setEmissionWave(_measure("Length", info.emission))
        logical.setExcitationWave(_measure("Length", info.excitation))
        logical.setPinHoleSize(_measure("Length", info.pinhole))
        if info.samples > 1:
            logical.setSamplesPerPixel(rint(info.samples))
            logical.setPhotometricInterpretation(self._enum("PhotometricInterpretation", "RGB"))
        for field, value in info.enums.items():
            setattr(logical, f"_{field}", self._enum(SCHEMA["LogicalChannel"].fields[field].type, value))
        self._instruments.describe_channel(logical, info.values, info.settings)
        channel = new("Channel")
        channel.setLogicalChannel(logical)
        if info.color is not None:
            set_color(channel, info.color)
        if extremes is not None:
            statistics = new("StatsInfo")
            statistics.setGlobalMin(rdouble(extremes[0]))
            statistics.setGlobalMax(rdouble(extremes[1]))
            channel.setStatsInfo(statistics)
        return channel

    def _note(self, info: NoteInfo) -> Any | None:
        """An annotation, the same one for everything that refers to it."""
        if not info.id:
            return make_note(info)
        if info.id not in self._notes:
            self._notes[info.id] = make_note(info)
        return self._notes[info.id]

    def _add_links(self, image: Any) -> None:
        target = self._wishes.target
        if target is not None and SCHEMA.of(target).name == "Dataset":
            link = new("DatasetImageLink")
            link.setParent(proxy("Dataset", int(target.getId().getValue())))
            image.addDatasetImageLink(link)
            link.setChild(image)
        for annotation in self._wishes.annotations:
            image.linkAnnotation(annotation)

    def _enum(self, class_name: str, value: str, *, make: bool = False) -> Any:
        """The enumeration value; where OMERO has none of that name, its `Other` or `Unknown`, else null."""
        key = (class_name, value)
        if key not in self._enums:
            found = enum_id(self._connection, class_name, value) if make else self._known(class_name, value)
            self._enums[key] = None if found is None else proxy(class_name, found)
        return self._enums[key]

    def _known(self, class_name: str, value: str) -> int | None:
        table = TABLES[class_name]
        for candidate in (value, "Other", "Unknown"):
            found = self._connection.scalar(id_by_value(table), {"wanted": candidate})
            if found is not None:
                return int(found)
        return None


def _channels(info: ImageInfo) -> list[ChannelInfo]:
    """One entry per channel; only colours that are all stored together count as samples of one pixel."""
    count = info.dimensions.c
    channels = list(info.channels[:count]) + [ChannelInfo()] * (count - len(info.channels))
    if count in (3, 4) and all(channel.samples == count for channel in channels):
        return [ChannelInfo(channel.name, channel.color, samples=count) for channel in channels]
    return channels


def _plane(info: PlaneInfo) -> Any:
    plane = new("PlaneInfo")
    plane.setTheZ(rint(info.z))
    plane.setTheC(rint(info.c))
    plane.setTheT(rint(info.t))
    plane.setDeltaT(_measure("Time", info.delta_t))
    plane.setExposureTime(_measure("Time", info.exposure))
    for axis, value in zip("XYZ", info.position, strict=True):
        getattr(plane, f"setPosition{axis}")(_measure("Length", value))
    return plane


def _stage(name: str, x: Measure | None, y: Measure | None, z: Measure | None) -> Any:
    label = new("StageLabel")
    label.setName(rstring(name))
    for axis, value in zip("XYZ", (x, y, z), strict=True):
        getattr(label, f"setPosition{axis}")(_measure("Length", value))
    return label


def _measure(class_name: str, value: Measure | None) -> Any:
    return None if value is None else unit(class_name, *value)
