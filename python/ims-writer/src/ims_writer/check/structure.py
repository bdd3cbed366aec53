"""Groups, datasets, attributes and sizes: everything that can be seen without reading pixels."""

import itertools
import re
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from ims_writer.check import values
from ims_writer.check.findings import Report
from ims_writer.container import channel_path
from ims_writer.geometry import Zyx
from ims_writer.layout import pyramid_sizes
from ims_writer.pixels import PIXEL_TYPES

# Shuffle, deflate and LZ4 are the filters ImarisWriter can make.
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, 32004}

_ROOT = {
    "ImarisDataSet": "ImarisDataSet",
    "DataSetDirectoryName": "DataSet",
    "DataSetInfoDirectoryName": "DataSetInfo",
    "ThumbnailDirectoryName": "Thumbnail",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The volumes of a file that can be compared: size of each level, number of time points and channels."""

    sizes: tuple[Zyx, ...]
    time_points: int
    channels: int


def check_structure(file: Any, report: Report) -> Layout | None:
    """Note what is wrong with the frame of the file; returns its layout when pixels can be looked at."""
    _check_root(file, report)
    counts = _check_tree(file, report)
    if counts is None:
        return None
    levels, time_points, channels = counts
    sizes = _check_volumes(file, report, levels, time_points, channels)
    _check_info(file, report, sizes, time_points, channels)
    _check_thumbnail(file, report)
    if sizes is None:
        return None
    _check_pyramid(file, report, sizes)
    return Layout(sizes, time_points, channels)


def _check_root(file: Any, report: Report) -> None:
    for name, expected in _ROOT.items():
        said = values.text(report, file, name)
        if said is not None and said != expected:
            report.add("IMS104", f"/@{name}", f"it says {said!r} instead of {expected!r}")
    version = values.text(report, file, "ImarisVersion")
    if version is not None and not version.startswith("5.5"):
        report.add("IMS104", "/@ImarisVersion", f"it says {version!r}; this format is 5.5.0")
    if "NumberOfDataSets" not in file.attrs:
        report.add("IMS101", "/@NumberOfDataSets", "the attribute is missing")
    elif np.ravel(file.attrs["NumberOfDataSets"]).tolist() != [1]:
        report.add("IMS104", "/@NumberOfDataSets", "it must be the number 1")


def _numbered(report: Report, group: Any, prefix: str) -> int | None:
    """How many children are called `prefix` 0, 1, 2 …; None when there are none."""
    numbers = sorted(int(m[1]) for m in (re.fullmatch(rf"{prefix} (\d+)", name) for name in group) if m)
    if not numbers:
        report.add("IMS002", group.name, f"there is no group '{prefix} 0'")
        return None
    if numbers != list(range(len(numbers))):
        report.add(
            "IMS004", group.name, f"'{prefix}' groups are numbered {numbers}, not 0 to {len(numbers) - 1}"
        )
        return None
    return len(numbers)


def _check_tree(file: Any, report: Report) -> tuple[int, int, int] | None:
    if not isinstance(file.get("DataSet"), h5py.Group):
        report.add("IMS002", "/DataSet", "the group with the pixels is missing")
        return None
    levels = _numbered(report, file["DataSet"], "ResolutionLevel")
    shapes: dict[tuple[int, int], str] = {}
    for level in range(levels or 0):
        group = file[f"DataSet/ResolutionLevel {level}"]
        times = _numbered(report, group, "TimePoint")
        if times is None:
            return None
        for t in range(times):
            channels = _numbered(report, group[f"TimePoint {t}"], "Channel")
            if channels is None:
                return None
            shapes.setdefault((times, channels), group[f"TimePoint {t}"].name)
    if levels is None:
        return None
    if len(shapes) > 1:
        told = "; ".join(f"{t} time points and {c} channels at {where}" for (t, c), where in shapes.items())
        report.add("IMS004", "/DataSet", f"every level needs the same time points and channels: {told}")
        return None
    ((times_found, channels_found),) = shapes
    return levels, times_found, channels_found


def _check_volumes(
    file: Any, report: Report, levels: int, time_points: int, channels: int
) -> tuple[Zyx, ...] | None:
    """Check every volume; returns the size of each level when all volumes agree."""
    sizes: list[Zyx] = []
    types: dict[str, str] = {}
    readable = True
    for level in range(levels):
        seen: dict[Zyx, str] = {}
        for t, c in itertools.product(range(time_points), range(channels)):
            group = file[channel_path(level, t, c)]
            size = _check_volume(report, group, types)
            if size is None:
                readable = False
            else:
                seen.setdefault(size, group.name)
        if len(seen) > 1:
            told = ", ".join(f"{tuple(size)} at {where}" for size, where in seen.items())
            report.add(
                "IMS201", f"/DataSet/ResolutionLevel {level}", f"volumes differ in size (z, y, x): {told}"
            )
            readable = False
        sizes.extend(seen)
    if len(types) > 1:
        told = ", ".join(f"{kind} at {where}" for kind, where in types.items())
        report.add("IMS202", "/DataSet", f"all volumes need one pixel type: {told}")
        readable = False
    return tuple(sizes) if readable else None


def _check_volume(report: Report, group: Any, types: dict[str, str]) -> Zyx | None:
    stated = [values.whole(report, group, f"ImageSize{axis}") for axis in "ZYX"]
    for name in ("HistogramMin", "HistogramMax"):
        values.real(report, group, name)
    data = group.get("Data")
    if not isinstance(data, h5py.Dataset) or data.ndim != 3:
        report.add("IMS003", f"{group.name}/Data", "the three-dimensional dataset with the pixels is missing")
        return None
    kind = data.dtype.newbyteorder("=").name
    types.setdefault(kind, data.name)
    if kind not in PIXEL_TYPES:
        report.add("IMS202", data.name, f"pixels are {kind}; allowed are {', '.join(PIXEL_TYPES)}")
        return None
    if not _check_storage(report, data) or None in stated:
        return None
    size = Zyx(*(length or 0 for length in stated))
    if any(a > b for a, b in zip(size, data.shape, strict=True)):
        report.add(
            "IMS201", data.name, f"ImageSize says {tuple(size)} (z, y, x) but only {data.shape} are stored"
        )
        return None
    if data.chunks and any(b - a >= n for a, b, n in zip(size, data.shape, data.chunks, strict=True)):
        report.add(
            "IMS201", data.name, f"{data.shape} are stored, a whole chunk more than ImageSize {tuple(size)}"
        )
        return None
    return size


def _check_storage(report: Report, data: Any) -> bool:
    if data.chunks is None:
        report.add("IMS203", data.name, "the dataset must be chunked")
        return False
    plist = data.id.get_create_plist()
    filters = {plist.get_filter(number)[0] for number in range(plist.get_nfilters())}
    if filters - _FILTERS:
        unknown = ", ".join(str(number) for number in sorted(filters - _FILTERS))
        report.add("IMS203", data.name, f"HDF5 filter {unknown} is none of deflate, shuffle and LZ4")
        return False
    expected = Zyx(*data.shape).ceil_div(Zyx(*data.chunks)).product
    written = data.id.get_num_chunks()
    if written < expected:
        report.add("IMS206", data.name, f"{expected - written} of {expected} chunks were never written")
    return True


def _check_pyramid(file: Any, report: Report, sizes: tuple[Zyx, ...]) -> None:
    for number, (large, small) in enumerate(itertools.pairwise(sizes), start=1):
        halves = [b in {a, a // 2, -(-a // 2)} for a, b in zip(large, small, strict=True)]
        if not all(halves) or large == small:
            message = f"{tuple(small)} (z, y, x) is not {tuple(large)} with some axes halved"
            report.add("IMS204", f"/DataSet/ResolutionLevel {number}", message)
    expected = pyramid_sizes(sizes[0], file[channel_path(0, 0, 0)]["Data"].dtype.itemsize)
    if list(sizes) != expected:
        told = " > ".join("x".join(map(str, size)) for size in expected)
        report.add(
            "IMS205", "/DataSet", f"{len(sizes)} levels; Imaris would make {len(expected)}: {told} (z, y, x)"
        )


def _check_info(
    file: Any, report: Report, sizes: tuple[Zyx, ...] | None, time_points: int, channels: int
) -> None:
    info = file.get("DataSetInfo")
    if not isinstance(info, h5py.Group):
        report.add("IMS002", "/DataSetInfo", "the group that describes the image is missing")
        return
    names = ["Image", "TimeInfo", *(f"Channel {c}" for c in range(channels))]
    missing = [name for name in names if not isinstance(info.get(name), h5py.Group)]
    for name in missing:
        report.add("IMS002", f"/DataSetInfo/{name}", "the group is missing")
    if "Image" not in missing:
        _check_image(report, info["Image"], sizes)
    if "TimeInfo" not in missing:
        _check_times(report, info["TimeInfo"], time_points)
    for c in range(channels):
        if f"Channel {c}" not in missing:
            _check_channel(report, info[f"Channel {c}"])
    if f"Channel {channels}" in info:
        report.add(
            "IMS105", info.name, f"'Channel {channels}' is described but the image has {channels} channels"
        )


def _check_image(report: Report, image: Any, sizes: tuple[Zyx, ...] | None) -> None:
    stated = [values.whole(report, image, axis) for axis in "ZYX"]
    if sizes and None not in stated and tuple(stated) != tuple(sizes[0]):
        message = f"Z, Y, X say {tuple(stated)} but level 0 has {tuple(sizes[0])}"
        report.add("IMS201", image.name, message)
    for axis in range(3):
        low, high = (values.real(report, image, f"Ext{end}{axis}") for end in ("Min", "Max"))
        if low is not None and high is not None and low >= high:
            report.add("IMS106", image.name, f"ExtMin{axis} = {low} must be below ExtMax{axis} = {high}")
    values.text(report, image, "Unit")


def _check_times(report: Report, info: Any, time_points: int) -> None:
    for name in ("DatasetTimePoints", "FileTimePoints"):
        stated = values.whole(report, info, name)
        if stated is not None and stated != time_points:
            report.add(
                "IMS105", f"{info.name}@{name}", f"it says {stated} but there are {time_points} time points"
            )
    for number in range(1, time_points + 1):
        values.text(report, info, f"TimePoint{number}")


def _check_channel(report: Report, channel: Any) -> None:
    values.text(report, channel, "Name")
    mode = values.text(report, channel, "ColorMode")
    if mode == "BaseColor":
        said = values.text(report, channel, "Color")
        parts = values.reals(said or "")
        if said is not None and (len(parts) != 3 or not all(0 <= part <= 1 for part in parts)):
            report.add("IMS104", f"{channel.name}@Color", f"it says {said!r}, not three numbers from 0 to 1")
    elif mode == "TableColor":
        values.text(report, channel, "ColorTable")
    elif mode is not None:
        report.add("IMS104", f"{channel.name}@ColorMode", f"it says {mode!r}, not BaseColor or TableColor")
    said = values.text(report, channel, "ColorRange")
    ends = values.reals(said or "")
    if said is not None and (len(ends) != 2 or ends[0] > ends[1]):
        report.add(
            "IMS104", f"{channel.name}@ColorRange", f"it says {said!r}, not a lower and an upper value"
        )
    for name in ("ColorOpacity", "GammaCorrection"):
        values.real(report, channel, name)


def _check_thumbnail(file: Any, report: Report) -> None:
    data = file.get("Thumbnail/Data")
    if not isinstance(data, h5py.Dataset):
        report.add("IMS501", "/Thumbnail/Data", "there is no thumbnail; Imaris shows a blank picture")
    elif data.ndim != 2 or data.dtype != np.uint8 or data.shape[1] % 4 or 0 in data.shape:
        report.add("IMS502", data.name, f"{data.dtype} {data.shape} is not rows of 4 bytes per pixel")
