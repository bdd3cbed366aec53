"""Write an image as an Imaris 5.5 file, streaming, on several cores, whole or not at all."""

import math
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ims_writer.atomic import replacing
from ims_writer.compression import Compressor, Payload, compressor
from ims_writer.container import Container, open_container
from ims_writer.crew import Crew
from ims_writer.errors import WriteCancelledError
from ims_writer.geometry import Zyx
from ims_writer.histogram import Counter, counter_for
from ims_writer.layout import Level, plan_levels
from ims_writer.metadata import ImageMetadata, channel_color, checked_metadata
from ims_writer.options import CancelCheck, Progress, ProgressCallback, WriteOptions
from ims_writer.pixels import converted, stored_type
from ims_writer.route import Box, chunks_in, reading_order
from ims_writer.sections import dataset_info
from ims_writer.source import BlockReader, Shape, checked_shape, read_box
from ims_writer.thumbnail import blend, projection, thumbnail_level
from ims_writer.volume import EmptyChunks, Volume

_ASK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_ims` made: the file, its size in bytes, its levels and how it was compressed."""

    path: Path
    file_bytes: int
    pixel_bytes: int
    levels: tuple[Level, ...]
    pixel_type: str
    engine: str


def write_ims(
    path: str | os.PathLike[str],
    source: BlockReader,
    metadata: ImageMetadata | None = None,
    options: WriteOptions | None = None,
    *,
    progress: ProgressCallback | None = None,
    cancelled: CancelCheck | None = None,
) -> Written:
    """Write `source` to `path`, replacing a file that is there only when the new one is complete and synced.

    `progress` and `cancelled` are called from this thread; `cancelled` ten to twenty times a second
    while the source answers. Raises WriteCancelledError when it returns true; UnsupportedPixelsError,
    InvalidMetadataError or SourceError when the image cannot be written as asked; WriteFailedError when the
    disk refuses. What else the source raises passes through. After any exception the folder is as before.
    """
    target = Path(path)
    options = options or WriteOptions()
    shape = checked_shape(source)
    metadata = checked_metadata(metadata or ImageMetadata(), shape)
    dtype = stored_type(np.dtype(source.dtype), options.pixel_type)
    levels = plan_levels(Zyx(*shape[2:]), shape.t, dtype.itemsize)
    squeeze = compressor(options.gzip_level, options.engine)
    report = _Reporter(shape, np.dtype(source.dtype).itemsize, progress, cancelled)
    with replacing(target) as part:
        with open_container(part, levels, dtype, options.gzip_level) as container:
            container.write_root()
            writer = _Writer(
                container=container,
                source=source,
                shape=shape,
                dtype=dtype,
                levels=levels,
                squeeze=squeeze,
                options=options,
                report=report,
            )
            channels = writer.write_pixels()
            _write_description(container, metadata, shape, levels, channels, with_thumbnail=options.thumbnail)
        file_bytes = part.path.stat().st_size
        report.ask()
    report.finish()
    return Written(target, file_bytes, report.total, levels, dtype.name, squeeze.engine)


class _Reporter:
    """Tells the caller how far the writing is and asks whether to go on."""

    def __init__(
        self, shape: Shape, itemsize: int, progress: ProgressCallback | None, cancelled: CancelCheck | None
    ) -> None:
        self.total = int(np.prod(shape, dtype=object)) * itemsize
        self._done = 0
        self._lock = threading.Lock()
        self._told = -1
        self._asked = -math.inf
        self._progress = progress
        self._cancelled = cancelled

    def advance(self, done_bytes: int) -> None:
        """Note that pixels were stored; safe to call from several threads."""
        with self._lock:
            self._done += done_bytes

    def check(self) -> None:
        """Ask at most twenty times a second whether to stop, and report news at most a thousand times in all."""
        now = time.monotonic()
        if now - self._asked >= _ASK_SECONDS:
            self._asked = now
            self.ask()
        # The last step belongs to finish(): only then is the file in its place.
        thousandth = min(999, self._done * 1000 // self.total)
        if self._progress is not None and thousandth > self._told:
            self._told = thousandth
            self._progress(Progress(min(self._done, self.total - 1), self.total))

    def ask(self) -> None:
        """Raise WriteCancelledError when the caller wants to stop."""
        if self._cancelled is not None and self._cancelled():
            raise WriteCancelledError("The export was cancelled; no file was written.")

    def finish(self) -> None:
        """Report the end."""
        if self._progress is not None:
            self._progress(Progress(self.total, self.total))


class _Writer:
    """Moves the pixels of all channels and time points from the source into the container."""

    def __init__(
        self,
        *,
        container: Container,
        source: BlockReader,
        shape: Shape,
        dtype: np.dtype[Any],
        levels: tuple[Level, ...],
        squeeze: Compressor,
        options: WriteOptions,
        report: _Reporter,
    ) -> None:
        self._container = container
        self._source = source
        self._shape = shape
        self._dtype = dtype
        self._levels = levels
        self._squeeze = squeeze
        self._options = options
        self._report = report
        self._empty = EmptyChunks(levels, dtype, squeeze)
        self._open: deque[tuple[int, int, Volume]] = deque()
        self._channels: list[Counter] = [counter_for(dtype) for _ in range(shape.c)]

    def write_pixels(self) -> list[Counter]:
        """Write every volume; returns the counts of each channel over all time points."""
        with Crew(self._options.workers, self._report.check) as crew:
            for t in range(self._shape.t):
                for c in range(self._shape.c):
                    self._write_volume(crew, t, c)
            crew.drain()
            self._close_finished()
        return self._channels

    def _write_volume(self, crew: Crew, t: int, c: int) -> None:
        handles = self._container.open_volume(t, c)

        def store(level: int, offset: Zyx, payload: Payload) -> None:
            self._container.store(handles[level], offset, payload)

        volume = Volume(self._levels, self._dtype, self._squeeze, self._empty, store)
        self._open.append((t, c, volume))
        itemsize = np.dtype(self._source.dtype).itemsize
        for box in reading_order(self._levels, itemsize, self._options.read_bytes):
            self._report.check()
            pixels = read_box(self._source, t, c, box.start, box.size)
            for place in chunks_in(box, self._levels[0].chunk):
                crew.submit(partial(self._add_chunk, volume, (t, c), box, place, pixels))
            self._close_finished()

    def _add_chunk(
        self, volume: Volume, where: tuple[int, int], box: Box, place: Zyx, pixels: NDArray[Any]
    ) -> None:
        level = self._levels[0]
        start = place.times(level.chunk)
        inside = level.size.minus(start).smaller(level.chunk)
        raw = pixels[start.minus(box.start).slices(inside)]
        place_text = f"time point {where[0]}, channel {where[1]}, z={start.z}, y={start.y}, x={start.x}"
        raw = converted(raw, self._dtype, place_text)
        if inside == level.chunk:
            voxels = np.empty(level.chunk, self._dtype)
        else:
            voxels = np.zeros(level.chunk, self._dtype)
        np.copyto(voxels[Zyx(0, 0, 0).slices(inside)], raw, casting="unsafe")
        volume.add(place, voxels)
        self._report.advance(raw.nbytes)

    def _close_finished(self) -> None:
        while self._open and self._open[0][2].complete:
            t, c, volume = self._open.popleft()
            self._container.close_volume(t, c, volume.histograms())
            self._channels[c].add(volume.counter)


def _write_description(
    container: Container,
    metadata: ImageMetadata,
    shape: Shape,
    levels: tuple[Level, ...],
    counters: list[Counter],
    *,
    with_thumbnail: bool,
) -> None:
    ranges = [
        channel.display_range or _usual_range(counter)
        for channel, counter in zip(metadata.channels, counters, strict=True)
    ]
    container.write_info(dataset_info(metadata, shape, ranges))
    if with_thumbnail:
        number = thumbnail_level(levels)
        pictures = [projection(container.data(number, 0, c), levels[number]) for c in range(shape.c)]
        colors = [channel_color(channel, c, shape.c) for c, channel in enumerate(metadata.channels)]
        container.write_thumbnail(blend(pictures, colors, ranges))


def _usual_range(counter: Counter) -> tuple[float, float]:
    """The values between which nearly all voxels of a channel lie."""
    histogram = counter.histogram()
    low, high = histogram.percentile(0.002), histogram.percentile(0.998)
    return (low, high) if low < high else (low, low + 1)
