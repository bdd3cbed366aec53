"""Lookup tables: 256 colours by display value, read from .lut files of the formats that ImageJ writes."""

from __future__ import annotations

import functools
import importlib.resources
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIZE = 256
RAW_BYTES, ICOL_BYTES = 768, 800
MIMETYPE = "text/x-lut"


def parse_lut(data: bytes) -> NDArray[np.uint8]:
    """The table [256, 3] of a .lut file: 768 bytes (all reds, greens, blues), the same after a 32-byte header, or text.

    Raises PixelsError for anything else.
    """
    if len(data) in (RAW_BYTES, ICOL_BYTES):
        return np.frombuffer(data[-RAW_BYTES:], np.uint8).reshape(3, SIZE).T.copy()
    rows = [line.split()[-3:] for line in data.decode("ascii", "replace").splitlines()]
    numbers = [
        [int(value) for value in row] for row in rows if len(row) == 3 and all(v.isdigit() for v in row)
    ]
    if len(numbers) != SIZE or max(map(max, numbers)) >= SIZE:
        raise PixelsError(
            f"not a lookup table: {len(data)} bytes; 768 bytes or 256 lines of red, green, blue are"
        )
    return np.array(numbers, np.uint8)


def lut_bytes(table: NDArray[np.uint8]) -> bytes:
    """The 768 bytes of a table."""
    return np.ascontiguousarray(table.T).tobytes()


@functools.cache
def shipped() -> dict[str, bytes]:
    """The .lut files that come with the server, by their path below `luts`, e.g. matplotlib/viridis.lut."""
    root = importlib.resources.files("omero_embedded.pixels") / "luts"
    found: dict[str, bytes] = {}
    for entry in root.iterdir():
        if entry.is_dir():
            found |= {f"{entry.name}/{file.name}": file.read_bytes() for file in entry.iterdir()}
        elif entry.name.endswith(".lut"):
            found[entry.name] = entry.read_bytes()
    return dict(sorted(found.items()))


@functools.cache
def _shipped_tables() -> dict[str, NDArray[np.uint8]]:
    return {path.rpartition("/")[2]: parse_lut(data) for path, data in shipped().items()}


def find_table(name: str, uploaded: Callable[[str], bytes | None]) -> NDArray[np.uint8] | None:
    """The table of a file name, from what comes with the server or what was uploaded; None if there is none.

    OMERO shows a channel in its colour when its lookup table is unknown.
    """
    found = _shipped_tables().get(name)
    if found is not None:
        return found
    data = uploaded(name)
    if data is None:
        return None
    try:
        return parse_lut(data)
    except PixelsError:
        return None
