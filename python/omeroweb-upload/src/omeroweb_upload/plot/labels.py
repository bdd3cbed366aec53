"""Which labels a figure shows: one per element and place, heights from the curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from omeroweb_upload.emsa.spectrum import ElementLabel

MERGE_KEV = 0.5
MERGE_HEIGHT = 0.30


@dataclass(frozen=True, slots=True)
class Peak:
    """A labelled peak; `height` in units of y."""

    energy_kev: float
    height: float


@dataclass(frozen=True, slots=True)
class PeakLabel:
    """One text for one or more peaks, from low to high energy."""

    text: str
    peaks: tuple[Peak, ...]


def peak_labels(
    labels: Iterable[ElementLabel], energy_kev: NDArray[np.float64], height: NDArray[np.float64]
) -> tuple[PeakLabel, ...]:
    """Labels inside the energy range, in its order, neighbours of the same element merged.

    Two peaks share a label when they are less than 0.5 keV apart, their heights differ by less than 30 %, and no
    other element's peak lies between them.
    """
    inside = sorted(
        {
            (label.energy_kev, label.symbol)
            for label in labels
            if len(energy_kev) and energy_kev[0] <= label.energy_kev <= energy_kev[-1]
        }
    )
    merged: list[PeakLabel] = []
    for energy, symbol in inside:
        peak = Peak(energy, float(height[_nearest(energy_kev, energy)]))
        if merged and merged[-1].text == symbol and _belong_together(merged[-1].peaks[-1], peak):
            merged[-1] = PeakLabel(symbol, (*merged[-1].peaks, peak))
        else:
            merged.append(PeakLabel(symbol, (peak,)))
    return tuple(merged)


def _nearest(energy_kev: NDArray[np.float64], energy: float) -> int:
    return int(np.abs(energy_kev - energy).argmin())


def _belong_together(first: Peak, second: Peak) -> bool:
    tallest = max(abs(first.height), abs(second.height))
    near = second.energy_kev - first.energy_kev < MERGE_KEV
    return near and abs(first.height - second.height) <= MERGE_HEIGHT * tallest
