"""Pixel types of .ims and the explicit conversions into them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ims_writer.errors import UnsupportedPixelsError

PIXEL_TYPES = ("uint8", "uint16", "uint32", "float32")


def lossless_pixel_type(dtype: np.dtype[Any]) -> str | None:
    """The pixel type that holds every value of `dtype` exactly, None when there is none.

    Signed 8 and 16-bit integers and half floats fit float32; bool fits uint8. 32-bit signed, 64-bit and
    complex numbers have no exact home in .ims.
    """
    if dtype.name in PIXEL_TYPES:
        return dtype.name
    if dtype.kind == "b":
        return "uint8"
    if dtype.kind in "iuf" and np.can_cast(dtype, np.float32):
        return "float32"
    return None


def stored_type(dtype: np.dtype[Any], wanted: str | None) -> np.dtype[Any]:
    """The native type the pixels are stored as; raises UnsupportedPixelsError unless `wanted` settles it."""
    if wanted is not None and wanted not in PIXEL_TYPES:
        raise UnsupportedPixelsError(f"pixel_type {wanted!r} is not a type of .ims; choose {_choices()}.")
    if dtype.kind not in "buif":
        raise UnsupportedPixelsError(
            f"Pixels of type {dtype.name} cannot go into .ims; it holds {_choices()}."
        )
    if wanted is None and dtype.name not in PIXEL_TYPES:
        hint = lossless_pixel_type(dtype)
        advice = (
            f"{hint!r} keeps every value" if hint else f"choose one of {_choices()}, which may lose precision"
        )
        raise UnsupportedPixelsError(
            f"Pixels of type {dtype.name} are not a type of .ims; set pixel_type to convert them: {advice}."
        )
    return np.dtype(wanted or dtype.name)


def converted(block: NDArray[Any], target: np.dtype[Any], where: str) -> NDArray[Any]:
    """`block` with values of `target`'s range, still in its own type when that already fits.

    Raises UnsupportedPixelsError when a value has no counterpart: values never wrap and are never clipped;
    fractions round to the nearest integer.
    """
    if block.dtype.newbyteorder("=") == target or block.dtype.kind == "b" or target.kind == "f":
        _refuse_overflow(block, target, where)
        return block
    limits = np.iinfo(target)
    low, high = block.min(), block.max()
    if not (low >= limits.min and high <= limits.max):
        raise UnsupportedPixelsError(
            f"Values from {low} to {high} at {where} do not fit {target.name} "
            f"({limits.min} to {limits.max}); "
            "use 'float32' instead."
        )
    return np.rint(block) if block.dtype.kind == "f" else block


def _refuse_overflow(block: NDArray[Any], target: np.dtype[Any], where: str) -> None:
    if block.dtype.kind != "f" or block.itemsize <= target.itemsize:
        return
    top = np.finfo(target).max
    if np.any(np.abs(block[np.isfinite(block)]) > top):
        raise UnsupportedPixelsError(f"Values at {where} exceed the range of {target.name} (±{top}).")


def _choices() -> str:
    return ", ".join(PIXEL_TYPES)
