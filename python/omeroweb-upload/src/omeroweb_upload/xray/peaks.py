"""Finding peaks in a counted spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omeroweb_upload.xray.resolution import DEFAULT_FWHM_MN_KA_EV, fwhm_kev

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_SIGNIFICANCE = 5.0
# Below, detectors count noise.
MIN_KEV = 0.1


@dataclass(frozen=True, slots=True)
class FoundPeak:
    """A peak; `height` is that of the data at its top, `significance` in standard deviations of the background."""

    energy_kev: float
    height: float
    significance: float


def find_peaks(
    energy_kev: NDArray[np.float64],
    counts: NDArray[np.float64],
    *,
    fwhm_mn_ka_ev: float = DEFAULT_FWHM_MN_KA_EV,
    min_significance: float = MIN_SIGNIFICANCE,
) -> tuple[FoundPeak, ...]:
    """Peaks by energy that stand out of counting noise.

    Each channel is filtered with a top hat as wide as the detector's resolution there: the mean of the middle minus the
    mean of both sides, over the standard deviation that Poisson statistics give that difference. Peaks are its local
    maxima; a parabola through the top gives the energy. Source of the filter: F. H. Schamber, in T. G. Dzubay (ed.),
    X-ray Fluorescence Analysis of Environmental Samples, 1977, 241-257. For counts per second the significance is
    a relative measure only.
    """
    if len(energy_kev) < 5:
        return ()
    width = float(energy_kev[-1] - energy_kev[0]) / (len(energy_kev) - 1)
    if width <= 0:
        return ()
    filtered = _top_hat(np.maximum(counts, 0.0), fwhm_kev(energy_kev, fwhm_mn_ka_ev) / width)
    inner = filtered[1:-1]
    tops = np.flatnonzero(
        (inner > filtered[:-2])
        & (inner >= filtered[2:])
        & (inner >= min_significance)
        & (energy_kev[1:-1] >= MIN_KEV)
    )
    return tuple(_peak(energy_kev, counts, filtered, int(top) + 1) for top in tops)


def _top_hat(counts: NDArray[np.float64], fwhm_channels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Significance of every channel; 0 where the filter would reach beyond the spectrum."""
    size = len(counts)
    channel = np.arange(size)
    half = np.maximum(np.round(fwhm_channels / 2), 1).astype(np.int64)
    side = np.maximum(np.round(fwhm_channels / 2), 1).astype(np.int64)
    total = np.concatenate([[0.0], np.cumsum(counts)])

    def between(first: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(total[np.clip(after, 0, size)] - total[np.clip(first, 0, size)])

    middle = between(channel - half, channel + half + 1)
    sides = between(channel - half - side, channel - half) + between(
        channel + half + 1, channel + half + 1 + side
    )
    middle_size, sides_size = 2 * half + 1, 2 * side
    difference = middle / middle_size - sides / sides_size
    # At least one count on each part keeps empty regions quiet.
    variance = np.maximum(middle, 1) / middle_size**2 + np.maximum(sides, 1) / sides_size**2
    reaches_out = (channel < half + side) | (channel >= size - half - side)
    return np.asarray(np.where(reaches_out, 0.0, difference / np.sqrt(variance)))


def _peak(
    energy_kev: NDArray[np.float64], counts: NDArray[np.float64], filtered: NDArray[np.float64], top: int
) -> FoundPeak:
    before, here, after = (float(value) for value in filtered[top - 1 : top + 2])
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    step = float(energy_kev[top + 1] - energy_kev[top])
    height = float(counts[top - 1 : top + 2].max())
    return FoundPeak(float(energy_kev[top]) + shift * step, height, here)
