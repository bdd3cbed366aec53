"""Sizes and positions in a volume, always in the order z, y, x."""

import math
from typing import NamedTuple


class Zyx(NamedTuple):
    """A size, index or step in voxels or chunks along z, y and x."""

    z: int
    y: int
    x: int

    @property
    def product(self) -> int:
        """Number of cells in a box of this size."""
        return math.prod(self)

    def times(self, other: "Zyx") -> "Zyx":
        """Multiply axis by axis."""
        return Zyx(self.z * other.z, self.y * other.y, self.x * other.x)

    def floor_div(self, other: "Zyx") -> "Zyx":
        """Divide axis by axis, rounding down."""
        return Zyx(self.z // other.z, self.y // other.y, self.x // other.x)

    def ceil_div(self, other: "Zyx") -> "Zyx":
        """Divide axis by axis, rounding up."""
        return Zyx(-(-self.z // other.z), -(-self.y // other.y), -(-self.x // other.x))

    def minus(self, other: "Zyx") -> "Zyx":
        """Subtract axis by axis."""
        return Zyx(self.z - other.z, self.y - other.y, self.x - other.x)

    def smaller(self, other: "Zyx") -> "Zyx":
        """Take the smaller value on each axis."""
        return Zyx(min(self.z, other.z), min(self.y, other.y), min(self.x, other.x))

    def slices(self, size: "Zyx") -> tuple[slice, slice, slice]:
        """The box of `size` that starts here, as an index."""
        return slice(self.z, self.z + size.z), slice(self.y, self.y + size.y), slice(self.x, self.x + size.x)
