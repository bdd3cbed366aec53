"""Chunks to bytes: the zlib stream of HDF5's deflate filter, made outside HDF5 so that several cores work.

libdeflate (through imagecodecs, the `fast` extra) makes the same kind of stream two to three times as fast as
zlib; both release the interpreter lock while they run.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Payload = bytes | memoryview
Compress = Callable[[NDArray[Any]], Payload]

ENGINES = ("auto", "libdeflate", "zlib")


@dataclass(frozen=True, slots=True)
class Compressor:
    """Turns the voxels of one chunk into the bytes HDF5 stores; level 0 means no filter at all."""

    level: int
    engine: str
    compress: Compress


def compressor(level: int, engine: str = "auto") -> Compressor:
    """A compressor for gzip `level` 0 to 9; "auto" takes libdeflate when it is installed."""
    if not 0 <= level <= 9:
        raise ValueError(f"gzip level {level} is outside 0 (none) to 9.")
    if engine not in ENGINES:
        raise ValueError(f"compression engine {engine!r} is unknown; choose one of {', '.join(ENGINES)}.")
    if level == 0:
        return Compressor(0, "none", lambda block: block.data)
    encode = _libdeflate() if engine != "zlib" else None
    if encode is None:
        if engine == "libdeflate":
            raise ValueError("libdeflate needs the package imagecodecs: pip install 'ims-writer[fast]'.")
        return Compressor(level, "zlib", lambda block: zlib.compress(block.data, level))
    return Compressor(level, "libdeflate", lambda block: bytes(encode(block, level)))


def _libdeflate() -> Any:
    try:
        from imagecodecs import deflate_encode  # noqa: PLC0415 - an optional dependency
    except ImportError:
        return None
    return deflate_encode
