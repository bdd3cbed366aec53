"""The HDF5 file: groups, chunked datasets, histograms and attributes of an .ims under construction."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import h5py
import numpy as np

from ims_writer.atomic import PartFile
from ims_writer.attributes import write_section, write_text
from ims_writer.compression import Payload
from ims_writer.geometry import Zyx
from ims_writer.histogram import COARSE_BINS, FINE_BINS, Histogram
from ims_writer.layout import Level
from ims_writer.sections import Sections, number_text


def channel_path(level: int, t: int, c: int) -> str:
    """Path of the group that holds one volume at one resolution."""
    return f"DataSet/ResolutionLevel {level}/TimePoint {t}/Channel {c}"


class Container:
    """An open .ims file; chunks may be stored from several threads."""

    def __init__(
        self, file: Any, part: PartFile, levels: Sequence[Level], dtype: np.dtype[Any], gzip_level: int
    ) -> None:
        self._file = file
        self._part = part
        self._levels = levels
        self._dtype = dtype
        self._gzip_level = gzip_level
        self._lock = threading.Lock()

    def write_root(self) -> None:
        """The attributes by which a reader knows the format and finds the main groups."""
        for name, text in {
            "ImarisDataSet": "ImarisDataSet",
            "ImarisVersion": "5.5.0",
            "DataSetDirectoryName": "DataSet",
            "DataSetInfoDirectoryName": "DataSetInfo",
            "ThumbnailDirectoryName": "Thumbnail",
        }.items():
            write_text(self._file, name, text)
        self._file.attrs.create("NumberOfDataSets", np.array([1], np.uint32))
        self._file.create_group("DataSetTimes")

    def open_volume(self, t: int, c: int) -> list[Any]:
        """Create the empty datasets of one volume, one per level; returns their handles for `store`."""
        handles = []
        for number, level in enumerate(self._levels):
            group = self._file.create_group(channel_path(number, t, c))
            for axis, length in zip("ZYX", level.size, strict=True):
                write_text(group, f"ImageSize{axis}", str(length))
            dataset = group.create_dataset(
                "Data",
                shape=tuple(level.stored),
                chunks=tuple(level.chunk),
                dtype=self._dtype,
                compression="gzip" if self._gzip_level else None,
                compression_opts=self._gzip_level or None,
            )
            handles.append(dataset.id)
        return handles

    def store(self, handle: Any, offset: Zyx, payload: Payload) -> None:
        """Write the bytes of one chunk at `offset` voxels."""
        with self._lock:
            handle.write_direct_chunk(tuple(offset), payload)
            self._part.check()

    def close_volume(self, t: int, c: int, histograms: Sequence[Histogram]) -> None:
        """Write the histograms of a complete volume."""
        for number, histogram in enumerate(histograms):
            group = self._file[channel_path(number, t, c)]
            fine = histogram if len(histogram.counts) <= FINE_BINS else histogram.with_bins(FINE_BINS)
            _write_histogram(group, "", fine.with_bins(COARSE_BINS))
            if len(fine.counts) != COARSE_BINS:
                _write_histogram(group, str(FINE_BINS), fine)

    def write_info(self, sections: Sections) -> None:
        """Write the groups of DataSetInfo."""
        parent = self._file.create_group("DataSetInfo")
        for name, values in sections.items():
            write_section(parent, name, values)

    def write_thumbnail(self, rgba: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Write the thumbnail, an array (rows, columns, 4), with the four colours of a pixel side by side."""
        rows, columns, _ = rgba.shape
        self._file.create_dataset("Thumbnail/Data", data=rgba.reshape(rows, columns * 4))

    def data(self, level: int, t: int, c: int) -> Any:
        """The pixels of one stored volume, for reading back."""
        return self._file[channel_path(level, t, c)]["Data"]


@contextlib.contextmanager
def open_container(
    part: PartFile, levels: Sequence[Level], dtype: np.dtype[Any], gzip_level: int
) -> Iterator[Container]:
    """A new HDF5 file in `part`, closed at the end; readable by every HDF5 library since 1.8."""
    with h5py.File(part, "w", libver=("earliest", "v108")) as file:
        yield Container(file, part, levels, dtype, gzip_level)


def _write_histogram(group: Any, suffix: str, histogram: Histogram) -> None:
    group.create_dataset(f"Histogram{suffix}", data=histogram.counts.astype(np.uint64))
    write_text(group, f"HistogramMin{suffix}", number_text(histogram.low))
    write_text(group, f"HistogramMax{suffix}", number_text(histogram.high))
