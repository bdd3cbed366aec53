"""The attributes of DataSetInfo, computed from metadata; a pure function from values to text."""

from collections.abc import Sequence
from datetime import datetime

from ims_writer import VERSION
from ims_writer.metadata import Channel, ImageMetadata, channel_color
from ims_writer.source import Shape

Sections = dict[str, dict[str, str]]

_FIXED = {
    "Image": {"X", "Y", "Z", "Noc", "NumberOfChannels"},
    "TimeInfo": {"DatasetTimePoints", "FileTimePoints"},
}


def dataset_info(metadata: ImageMetadata, shape: Shape, ranges: Sequence[tuple[float, float]]) -> Sections:
    """Group name to attribute name to text, for metadata that `checked_metadata` has completed."""
    sections: Sections = {
        "ImarisDataSet": {"Creator": metadata.creator, "NumberOfImages": "1", "Version": VERSION},
        "Imaris": {"ThumbnailMode": "thumbnailMIP", "ThumbnailSize": "256", "Version": "5.5.0"},
        "Log": {"Entries": "0"},
        "Image": _image(metadata, shape),
        "TimeInfo": _time_info(metadata.times, shape.t),
    }
    for number, (channel, shown) in enumerate(zip(metadata.channels, ranges, strict=True)):
        sections[f"Channel {number}"] = _channel(channel, number, shape.c, shown)
    for name, values in metadata.extra.items():
        fixed = _FIXED.get(name, set())
        sections.setdefault(name, {}).update({k: str(v) for k, v in values.items() if k not in fixed})
    return sections


def number_text(value: float) -> str:
    """A number with three decimals when they say it exactly, with all its digits otherwise."""
    short = f"{value:.3f}"
    return short if float(short) == value else repr(float(value))


def moment_text(moment: datetime | None) -> str:
    """A time stamp to the millisecond, "2026-01-31 13:05:09.250", or nothing."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}" if moment else ""


def _image(metadata: ImageMetadata, shape: Shape) -> dict[str, str]:
    lengths = (shape.x, shape.y, shape.z)
    values = {
        "Name": metadata.name or "(name not specified)",
        "Description": metadata.description or "(description not specified)",
        "Unit": "um",
        "X": str(shape.x),
        "Y": str(shape.y),
        "Z": str(shape.z),
        "Noc": str(shape.c),
        "NumberOfChannels": str(shape.c),
        "RecordingDate": moment_text(metadata.recorded),
    }
    for axis, (origin, voxel, length) in enumerate(
        zip(metadata.origin_um, metadata.voxel_um, lengths, strict=True)
    ):
        values[f"ExtMin{axis}"] = number_text(origin)
        values[f"ExtMax{axis}"] = number_text(origin + voxel * length)
        values[f"ResampleDimension{'XYZ'[axis]}"] = "true"
    return values


def _time_info(times: Sequence[datetime], count: int) -> dict[str, str]:
    values = {"DatasetTimePoints": str(count), "FileTimePoints": str(count)}
    for number in range(count):
        values[f"TimePoint{number + 1}"] = moment_text(times[number] if times else None)
    return values


def _channel(channel: Channel, number: int, channels: int, shown: tuple[float, float]) -> dict[str, str]:
    color = channel_color(channel, number, channels)
    values = {
        "Name": channel.name or f"Channel {number}",
        "Description": channel.description or "(description not specified)",
        "ColorMode": "BaseColor",
        "Color": " ".join(number_text(part) for part in color),
        "ColorRange": " ".join(number_text(part) for part in shown),
        "ColorOpacity": number_text(channel.opacity),
        "GammaCorrection": number_text(channel.gamma),
    }
    if channel.excitation_nm is not None:
        values["LSMExcitationWavelength"] = f"{channel.excitation_nm:g}"
    if channel.emission_nm is not None:
        values["LSMEmissionWavelength"] = f"{channel.emission_nm:g}"
    return values
