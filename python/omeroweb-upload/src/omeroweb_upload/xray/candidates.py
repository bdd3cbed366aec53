"""Which elements a peak may come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omeroweb_upload.xray.lines import XrayLine, lines_between, lines_of
from omeroweb_upload.xray.resolution import DEFAULT_FWHM_MN_KA_EV, fwhm_kev

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from omeroweb_upload.emsa.spectrum import ElementLabel
    from omeroweb_upload.xray.peaks import FoundPeak

MIN_WEIGHT = 0.05
# Without a known beam energy, nothing is ruled out.
_ANY_BEAM_KEV = 1000.0
# Radioactive elements that no sample holds unless someone put them there, and gases: possible, but not likely.
_RARE = frozenset(
    [
        "Tc",
        "Pm",
        "Po",
        "At",
        "Rn",
        "Fr",
        "Ra",
        "Ac",
        "Pa",
        "Np",
        "Pu",
        "Am",
        "Cm",
        "Bk",
        "Cf",
        "Ne",
        "Ar",
        "Kr",
        "Xe",
    ]
)
_RARE_FACTOR = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """An element that may make a peak; `score` from 0 to 1, `line` the line that lies at the peak."""

    symbol: str
    line: XrayLine
    score: float
    offset_kev: float


@dataclass(frozen=True, slots=True)
class UnlabelledPeak:
    """A peak no label explains, with candidates, best first."""

    peak: FoundPeak
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the measurement allows; `reach_kev` is the range of the spectrum."""

    reach_kev: tuple[float, float]
    beam_kev: float | None = None
    fwhm_mn_ka_ev: float = DEFAULT_FWHM_MN_KA_EV

    def excites(self, line: XrayLine) -> bool:
        """Whether the beam can make the line and the spectrum would show it."""
        low, high = self.reach_kev
        return low <= line.energy_kev <= high and line.edge_kev < (self.beam_kev or _ANY_BEAM_KEV)

    def near(self, energy_kev: float) -> float:
        """How far apart two energies may be to count as one peak."""
        return 0.6 * float(fwhm_kev(energy_kev, self.fwhm_mn_ka_ev))


def explain_peaks(
    peaks: Sequence[FoundPeak],
    labels: Iterable[ElementLabel],
    conditions: Conditions,
    *,
    limit: int = 5,
    min_score: float = 0.05,
) -> tuple[UnlabelledPeak, ...]:
    """Candidates for every peak that no label and no other line of a labelled element explains.

    A score is the product of how well the line meets the peak (a Gaussian of the offset over the tolerance), the line's
    weight in its family (square root), and how much of the element's expected other lines is there; rare elements
    count half.
    """
    labelled = tuple(labels)
    found = np.array([peak.energy_kev for peak in peaks])
    significance = np.array([peak.significance for peak in peaks])
    result = []
    for peak in peaks:
        if _explained(peak, labelled, conditions):
            continue
        candidates = _candidates(peak, found, significance, conditions)
        kept = [candidate for candidate in candidates if candidate.score >= min_score]
        result.append(UnlabelledPeak(peak, tuple(kept[:limit])))
    return tuple(result)


def _explained(peak: FoundPeak, labels: tuple[ElementLabel, ...], conditions: Conditions) -> bool:
    near = conditions.near(peak.energy_kev)
    if any(abs(label.energy_kev - peak.energy_kev) <= near for label in labels):
        return True
    return any(
        abs(line.energy_kev - peak.energy_kev) <= near
        and line.weight >= MIN_WEIGHT
        and conditions.excites(line)
        for symbol in {label.symbol for label in labels}
        for line in lines_of(symbol)
    )


def _candidates(
    peak: FoundPeak,
    found: NDArray[np.float64],
    significance: NDArray[np.float64],
    conditions: Conditions,
) -> list[Candidate]:
    near = conditions.near(peak.energy_kev)
    best: dict[str, Candidate] = {}
    for line in lines_between(peak.energy_kev - 2 * near, peak.energy_kev + 2 * near, min_weight=MIN_WEIGHT):
        if not conditions.excites(line):
            continue
        offset = peak.energy_kev - line.energy_kev
        score = float(np.exp(-0.5 * (offset / (0.5 * near)) ** 2) * np.sqrt(line.weight))
        score *= _support(line, peak, found, significance, conditions)
        score *= _RARE_FACTOR if line.symbol in _RARE else 1.0
        candidate = Candidate(line.symbol, line, round(score, 4), offset)
        if line.symbol not in best or best[line.symbol].score < candidate.score:
            best[line.symbol] = candidate
    return sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.line.atomic_number))


def _support(
    line: XrayLine,
    peak: FoundPeak,
    found: NDArray[np.float64],
    significance: NDArray[np.float64],
    conditions: Conditions,
) -> float:
    """The part of the element's other strong lines, by weight, that have a peak.

    Lines of the same family count where they should stand out: their weight over this line's, times this peak's
    significance, is above the limit of finding. Lines that fall into this peak say nothing.
    """
    expected = seen = 0.0
    for other in lines_of(line.symbol):
        if other.family != line.family or other.weight < MIN_WEIGHT or not conditions.excites(other):
            continue
        if abs(other.energy_kev - peak.energy_kev) <= 2 * conditions.near(peak.energy_kev):
            continue
        ratio = other.weight / line.weight
        if ratio * peak.significance < 2 * significance.min():
            continue
        expected += other.weight
        if (np.abs(found - other.energy_kev) <= conditions.near(other.energy_kev)).any():
            seen += other.weight
    return 1.0 if expected == 0 else 0.1 + 0.9 * seen / expected
