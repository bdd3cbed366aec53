"""What label placement takes and gives, in pixels with y going up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Point(NamedTuple):
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The inside of the axes."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Its width in pixels."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Label:
    """A label to place: its box and the tips of the peaks it belongs to, from left to right."""

    text: str
    width: float
    height: float
    tips: tuple[Point, ...]

    @property
    def anchor(self) -> float:
        """Where it would like to stand: above the middle of its peaks."""
        return sum(tip.x for tip in self.tips) / len(self.tips)

    @property
    def tip(self) -> float:
        """The height of its tallest peak."""
        return max(tip.y for tip in self.tips)


@dataclass(frozen=True, slots=True)
class Curve:
    """The drawn line that low labels should not cover; `x` goes up."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label with its place; one connector per peak, from the tip to the middle of the box's lower edge."""

    label: Label
    x: float
    bottom: float
    connectors: tuple[tuple[Point, ...], ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top."""
        half = self.label.width / 2
        return self.x - half, self.bottom, self.x + half, self.bottom + self.label.height


@dataclass(frozen=True, slots=True)
class Placement:
    """Placed labels from left to right, and those for which there was no room, smallest peaks first."""

    placed: tuple[PlacedLabel, ...]
    left_out: tuple[Label, ...] = ()
