"""The pixel types of OMERO and the sizes of an image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[Any]


class PixelsError(ValueError):
    """A request on pixel data that cannot be met; the message says what was asked and what exists."""


@dataclass(frozen=True, slots=True)
class PixelType:
    """One of OMERO's pixel types; `dtype` is the native numpy type, `bits` the depth that OMERO reports."""

    name: str
    dtype: np.dtype[np.generic]
    bits: int

    @property
    def byte_width(self) -> int:
        """Bytes of one value on the wire and on disk."""
        return int(self.dtype.itemsize)

    @property
    def big_endian(self) -> np.dtype[np.generic]:
        """The type as it travels: OMERO's raw pixels are big-endian."""
        return self.dtype.newbyteorder(">")

    @property
    def signed(self) -> bool:
        """Whether values can be negative."""
        return self.dtype.kind in "if"

    @property
    def floating(self) -> bool:
        """Whether values have fractions."""
        return self.dtype.kind == "f"

    def range(self, significant_bits: int | None = None) -> tuple[float, float]:
        """Smallest and largest value of the type (of the bits in use, where known)."""
        if self.floating:
            limits = np.finfo(np.float32 if self.byte_width == 4 else np.float64)
            return float(limits.min), float(limits.max)
        bits = min(significant_bits or self.bits, self.bits)
        if self.signed:
            return float(-(2 ** (bits - 1))), float(2 ** (bits - 1) - 1)
        return 0.0, float(2**bits - 1)


def _type(name: str, dtype: str, bits: int) -> tuple[str, PixelType]:
    return name, PixelType(name, np.dtype(dtype), bits)


# `bit` has one byte per value, as BinData of OMERO's clients; complex types have no rendering and no client.
PIXEL_TYPES: dict[str, PixelType] = dict(
    [
        _type("bit", "u1", 1),
        _type("int8", "i1", 8),
        _type("uint8", "u1", 8),
        _type("int16", "i2", 16),
        _type("uint16", "u2", 16),
        _type("int32", "i4", 32),
        _type("uint32", "u4", 32),
        _type("float", "f4", 32),
        _type("double", "f8", 64),
    ]
)
BIT_DEPTHS = {name: kind.bits for name, kind in PIXEL_TYPES.items()} | {"complex": 64, "double-complex": 128}


def pixel_type(name: str) -> PixelType:
    """The pixel type of OMERO's name; PixelsError for the ones that cannot be stored."""
    found = PIXEL_TYPES.get(name)
    if found is None:
        known = ", ".join(PIXEL_TYPES)
        raise PixelsError(f"pixel type {name} cannot be stored or rendered here; the types that can: {known}")
    return found


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Sizes of an image along its five axes."""

    x: int
    y: int
    z: int
    c: int
    t: int

    def check_plane(self, z: int, c: int, t: int) -> None:
        """PixelsError if there is no such plane."""
        for axis, value, size in (("Z", z, self.z), ("C", c, self.c), ("T", t, self.t)):
            if not 0 <= value < size:
                raise PixelsError(f"{axis} {value} is out of bounds: the image has {axis} 0 to {size - 1}")

    def plane_number(self, z: int, c: int, t: int) -> int:
        """How many planes come before this one in the order of OMERO's raw files: Z, then C, then T."""
        return (t * self.c + c) * self.z + z

    def plane_at(self, number: int) -> tuple[int, int, int]:
        """Z, C and T of the plane with this number."""
        rest, z = divmod(number, self.z)
        t, c = divmod(rest, self.c)
        return z, c, t


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in a plane, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def clipped(self, width: int, height: int) -> Region:
        """What of the rectangle lies left of and above the right and lower edges of a plane of this size."""
        return replace(self, width=min(self.width, width - self.x), height=min(self.height, height - self.y))

    def check_inside(self, width: int, height: int) -> None:
        """PixelsError unless the rectangle lies in a plane of this size."""
        if self.width < 1 or self.height < 1:
            raise PixelsError(f"a region of {self.width} x {self.height} pixels is empty")
        if self.x < 0 or self.y < 0 or self.x + self.width > width or self.y + self.height > height:
            raise PixelsError(
                f"region x={self.x} y={self.y} {self.width} x {self.height} is out of bounds: "
                f"the plane is {width} x {height} pixels"
            )
