"""Numbers of bytes as people write them."""

from __future__ import annotations

from typing import Final

UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def size_text(count: int) -> str:
    """For example "1.5 GiB"."""
    value = float(count)
    for unit in UNITS[:-1]:
        if value < 1024:
            return f"{int(value)} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} {UNITS[-1]}"
