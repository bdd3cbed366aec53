"""How a file is written."""

import os
from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_GZIP_LEVEL = 2
DEFAULT_READ_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Compression, conversion and the use of the machine.

    `gzip_level`: 1 (fast) to 9 (small), 0 stores plain chunks. `pixel_type`: None refuses pixels that .ims
    cannot hold, "uint8", "uint16", "uint32" or "float32" converts. `threads`: how many compress at once, by
    default one per usable core. `read_bytes`: the largest box asked of the source; about three of them are in
    memory. `engine`: "auto", "zlib" or "libdeflate". `thumbnail`: whether to draw one.
    """

    gzip_level: int = DEFAULT_GZIP_LEVEL
    pixel_type: str | None = None
    threads: int | None = None
    read_bytes: int = DEFAULT_READ_BYTES
    engine: str = "auto"
    thumbnail: bool = True

    @property
    def workers(self) -> int:
        """Number of compressing threads."""
        return self.threads or len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the full-resolution image is in the file, in bytes of pixels."""

    done_bytes: int
    total_bytes: int

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.done_bytes / self.total_bytes


ProgressCallback = Callable[[Progress], None]
CancelCheck = Callable[[], bool]
