"""What OMERO knows of an image, as .ims needs it, and a key that changes when any of it does."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from omero.sys import ParametersI

from ims_writer import VERSION
from ims_writer.metadata import Channel, ImageMetadata
from omeroweb_imaris_connector.conversion.errors import ExportError
from omeroweb_imaris_connector.conversion.units import micrometres, nanometres, seconds, voxel_size

if TYPE_CHECKING:
    from omeroweb_imaris_connector.conversion.options import ExportOptions

_IMAGE = """
select image from Image image join fetch image.pixels pixels join fetch pixels.pixelsType
join fetch pixels.details.updateEvent join fetch image.details.owner join fetch image.details.creationEvent
left outer join fetch pixels.channels channel left outer join fetch channel.logicalChannel
where image.id = :id
"""
_SETTINGS = """
select settings from RenderingDef settings join fetch settings.waveRendering
join fetch settings.details.owner where settings.pixels.id = :id
"""
_TIMES = "select info.theT, info.deltaT from PlaneInfo info where info.pixels.id = :id and info.theZ = 0 and info.theC = 0"


@dataclass(frozen=True, slots=True)
class DescribedImage:
    """An image: sizes along t, c, z, y, x, OMERO's name of the pixel type, and the metadata that go into the file."""

    image_id: int
    pixels_id: int
    group_id: int
    owner_id: int
    name: str
    shape: tuple[int, int, int, int, int]
    pixel_type: str
    changed: int
    metadata: ImageMetadata

    def key(self, options: ExportOptions) -> str:
        """The same for exports that would be the same file: pixels, metadata, rendering settings, options."""
        facts = {
            "image": self.image_id,
            "pixels": [self.pixels_id, self.changed, self.shape, self.pixel_type],
            "metadata": asdict(self.metadata),
            "options": options.as_dict(),
            "writer": VERSION,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def describe(conn: Any, image_id: int) -> DescribedImage:
    """Describe an image that the connection's user may read, in whichever group it is; raises ExportError."""
    context = {"omero.group": "-1"}
    query = conn.getQueryService()
    image = query.findByQuery(_IMAGE, ParametersI().addId(image_id), context)
    if image is None:
        raise ExportError(f"There is no image {image_id}, or you may not see it.")
    pixels = image.getPrimaryPixels()
    shape = tuple(
        int(getattr(pixels, name).getValue()) for name in ("sizeT", "sizeC", "sizeZ", "sizeY", "sizeX")
    )
    if min(shape) < 1:
        raise ExportError(f"Image {image_id} has no pixels (its size is {shape}).")
    settings = _settings(query, pixels.id.val, conn.getUserId(), image.details.owner.id.val, context)
    # Without a date of acquisition the day of the import is the only one there is.
    start = image.acquisitionDate or image.details.creationEvent.time
    recorded = None if start is None else datetime.fromtimestamp(start.val / 1000, UTC)
    metadata = ImageMetadata(
        name=_text(image.name),
        description=_text(image.description),
        voxel_um=voxel_size(
            micrometres(pixels.physicalSizeX),
            micrometres(pixels.physicalSizeY),
            micrometres(pixels.physicalSizeZ),
        ),
        channels=_channels(pixels, settings, shape[1]),
        times=_times(query, pixels, recorded, shape[0], context),
        recorded=recorded,
        creator="OMERO Platform",
        extra={"OMERO": {"ImageID": str(image_id), "PixelsID": str(pixels.id.val)}},
    )
    return DescribedImage(
        image_id=image_id,
        pixels_id=int(pixels.id.val),
        group_id=int(image.details.group.id.val),
        owner_id=int(image.details.owner.id.val),
        name=metadata.name,
        shape=shape,  # type: ignore[arg-type]
        pixel_type=str(pixels.pixelsType.value.val),
        changed=int(pixels.details.updateEvent.id.val),
        metadata=metadata,
    )


def _settings(query: Any, pixels_id: int, user_id: int, owner_id: int, context: dict[str, str]) -> Any:
    """The user's rendering settings, else the image owner's, else anybody's, None without any."""
    found = query.findAllByQuery(_SETTINGS, ParametersI().addId(pixels_id), context)

    def rank(settings: Any) -> tuple[bool, bool, int]:
        owner = settings.details.owner.id.val
        return owner != user_id, owner != owner_id, int(settings.id.val)

    return min(found, key=rank, default=None)


def _channels(pixels: Any, settings: Any, count: int) -> tuple[Channel, ...]:
    bindings = [] if settings is None else list(settings.copyWaveRendering())
    channels = list(pixels.copyChannels())
    return tuple(
        _channel(
            channels[number] if number < len(channels) else None,
            bindings[number] if number < len(bindings) else None,
            number,
        )
        for number in range(count)
    )


def _channel(channel: Any, binding: Any, number: int) -> Channel:
    logical = None if channel is None else channel.logicalChannel
    name = _text(None if logical is None else logical.name)
    emission = None if logical is None else nanometres(logical.emissionWave)
    color, window = _color(channel), None
    if binding is not None:
        color = tuple(_part(getattr(binding, part)) for part in ("red", "green", "blue"))  # type: ignore[assignment]
        low, high = float(binding.inputStart.val), float(binding.inputEnd.val)
        window = (low, high) if low < high else None
    return Channel(
        name=name or (f"{emission:.0f} nm" if emission else f"Channel {number + 1}"),
        color=color,
        display_range=window,
        excitation_nm=None if logical is None else nanometres(logical.excitationWave),
        emission_nm=emission,
    )


def _color(channel: Any) -> tuple[float, float, float] | None:
    """The colour that the image itself came with."""
    if channel is None or channel.red is None or channel.green is None or channel.blue is None:
        return None
    return _part(channel.red), _part(channel.green), _part(channel.blue)


def _part(value: Any) -> float:
    return round(min(255, max(0, int(value.val))) / 255, 6)


def _times(
    query: Any, pixels: Any, recorded: datetime | None, count: int, context: dict[str, str]
) -> tuple[datetime, ...]:
    """When each time point was recorded, from the planes' times or from the interval; none when neither is known."""
    if recorded is None or count < 1:
        return ()
    rows = query.projection(_TIMES, ParametersI().addId(pixels.id.val), context)
    known = {
        int(row[0].val): seconds(_plain(row[1])) for row in rows if row[0] is not None and row[1] is not None
    }
    if all(known.get(t) is not None for t in range(count)):
        return tuple(recorded + timedelta(seconds=float(known[t] or 0)) for t in range(count))
    step = seconds(pixels.timeIncrement)
    if step is None and count > 1:
        return ()
    return tuple(recorded + timedelta(seconds=t * (step or 0)) for t in range(count))


def _plain(cell: Any) -> Any:
    """A time from a projection, which may come wrapped."""
    return cell.getValue() if hasattr(cell, "getValue") and not hasattr(cell, "getUnit") else cell


def _text(value: Any) -> str:
    return "" if value is None else str(value.val)
