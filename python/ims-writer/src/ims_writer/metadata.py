"""What a caller says about an image besides its pixels."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ims_writer.errors import InvalidMetadataError
from ims_writer.source import Shape

_PALETTE = (
    (1.0, 0.0, 0.0),
    (0.0, 1.0, 0.0),
    (0.0, 0.0, 1.0),
    (1.0, 0.0, 1.0),
    (0.0, 1.0, 1.0),
    (1.0, 1.0, 0.0),
)


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: `color` is red, green, blue from 0 to 1, `display_range` the values shown dark and bright.

    Without a colour the channel gets one of a palette (white when it is the only one); without a range, the
    0.2 and 99.8 percentiles of its full-resolution voxels. Wavelengths are in nanometres.
    """

    name: str = ""
    description: str = ""
    color: tuple[float, float, float] | None = None
    display_range: tuple[float, float] | None = None
    excitation_nm: float | None = None
    emission_nm: float | None = None
    opacity: float = 1.0
    gamma: float = 1.0


@dataclass(frozen=True, slots=True)
class ImageMetadata:
    """An image: lengths in micrometres in the order x, y, z.

    `channels` has one entry per channel or none at all; `times` one moment per time point or none, in which
    case the time stamps in the file are blank. `extra` adds groups of attributes to DataSetInfo and may
    replace single attributes of the groups written anyway, except those that state sizes.
    """

    name: str = ""
    description: str = ""
    voxel_um: tuple[float, float, float] = (1.0, 1.0, 1.0)
    origin_um: tuple[float, float, float] = (0.0, 0.0, 0.0)
    channels: tuple[Channel, ...] = ()
    times: tuple[datetime, ...] = ()
    recorded: datetime | None = None
    creator: str = "ims-writer"
    extra: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def checked_metadata(metadata: ImageMetadata, shape: Shape) -> ImageMetadata:
    """Fill in default channels; raises InvalidMetadataError with what is wrong and what would be right."""
    channels = metadata.channels or tuple(Channel() for _ in range(shape.c))
    if len(channels) != shape.c:
        raise InvalidMetadataError(f"{len(channels)} channels are described but the image has {shape.c}.")
    if metadata.times and len(metadata.times) != shape.t:
        raise InvalidMetadataError(
            f"{len(metadata.times)} times are given but the image has {shape.t} time points."
        )
    if not all(math.isfinite(v) and v > 0 for v in metadata.voxel_um):
        raise InvalidMetadataError(f"voxel_um is {metadata.voxel_um}; each length must be a number above 0.")
    if not all(math.isfinite(v) for v in metadata.origin_um):
        raise InvalidMetadataError(
            f"origin_um is {metadata.origin_um}; each coordinate must be a finite number."
        )
    for number, channel in enumerate(channels):
        _check_channel(number, channel)
    return ImageMetadata(
        name=metadata.name,
        description=metadata.description,
        voxel_um=metadata.voxel_um,
        origin_um=metadata.origin_um,
        channels=channels,
        times=metadata.times,
        recorded=metadata.recorded or (metadata.times[0] if metadata.times else None),
        creator=metadata.creator,
        extra=metadata.extra,
    )


def channel_color(channel: Channel, number: int, channels: int) -> tuple[float, float, float]:
    """The colour of a channel, from the palette when it has none."""
    if channel.color is not None:
        return channel.color
    return (1.0, 1.0, 1.0) if channels == 1 else _PALETTE[number % len(_PALETTE)]


def _check_channel(number: int, channel: Channel) -> None:
    if channel.color is not None and not all(0 <= part <= 1 for part in channel.color):
        raise InvalidMetadataError(
            f"Channel {number}: colour {channel.color} must have three parts from 0 to 1."
        )
    if channel.display_range is not None:
        low, high = channel.display_range
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise InvalidMetadataError(f"Channel {number}: display range {low} to {high} must rise.")
