"""What a spectrum shows: its peaks, what explains them, and which labels an element gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum
from omeroweb_upload.xray.candidates import Conditions, UnlabelledPeak, explain_peaks
from omeroweb_upload.xray.elements import ATOMIC_NUMBERS
from omeroweb_upload.xray.lines import XrayLine, lines_of
from omeroweb_upload.xray.peaks import MIN_KEV, FoundPeak, find_peaks
from omeroweb_upload.xray.resolution import DEFAULT_FWHM_MN_KA_EV

if TYPE_CHECKING:
    from collections.abc import Iterable


# Below, detectors see little but noise: a family there is labelled only where an element shows no other.
CLEAR_KEV = 0.2


class UnknownElementError(ValueError):
    """A symbol that is no element, or one without X-rays; says which."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A spectrum with its peaks and, for those that no label explains, the elements that could."""

    spectrum: Spectrum
    peaks: tuple[FoundPeak, ...]
    unlabelled: tuple[UnlabelledPeak, ...]


def conditions_of(spectrum: Spectrum) -> Conditions:
    """What the measurement allows, from the header; raises ValueError where x is no energy."""
    energies = spectrum.energy_kev
    return Conditions(
        reach_kev=(max(MIN_KEV, float(energies[0])), float(energies[-1])),
        beam_kev=spectrum.number("beam_energy_kev"),
        fwhm_mn_ka_ev=spectrum.number("fwhm_mn_ka_ev") or DEFAULT_FWHM_MN_KA_EV,
    )


def analyse(spectrum: Spectrum) -> Analysis:
    """Find peaks and candidates; a spectrum whose x is no energy has none."""
    if not spectrum.is_energy:
        return Analysis(spectrum, (), ())
    conditions = conditions_of(spectrum)
    peaks = find_peaks(spectrum.energy_kev, spectrum.y, fwhm_mn_ka_ev=conditions.fwhm_mn_ka_ev)
    return Analysis(spectrum, peaks, explain_peaks(peaks, spectrum.labels, conditions))


def labels_of_elements(spectrum: Spectrum, symbols: Iterable[str]) -> tuple[ElementLabel, ...]:
    """Labels for chosen elements: those the file has, else the strongest line of each family that shows.

    Raises `UnknownElementError` for what has no X-ray lines.
    """
    conditions = conditions_of(spectrum)
    labels: list[ElementLabel] = []
    for symbol in dict.fromkeys(symbols):
        if symbol not in ATOMIC_NUMBERS or not lines_of(symbol):
            raise UnknownElementError(
                f"{symbol!r} is no element with X-ray lines; write symbols such as Fe or O"
            )
        own = [label for label in spectrum.labels if label.symbol == symbol]
        labels += own or [_label(line) for line in main_lines(symbol, conditions)]
    return tuple(labels)


def main_lines(symbol: str, conditions: Conditions) -> tuple[XrayLine, ...]:
    """The strongest line of each family of an element that the beam excites and the spectrum reaches."""
    strongest: dict[str, XrayLine] = {}
    for line in lines_of(symbol):
        best = strongest.get(line.family)
        if conditions.excites(line) and (best is None or line.weight > best.weight):
            strongest[line.family] = line
    lines = sorted(strongest.values(), key=lambda line: line.energy_kev)
    return tuple(line for line in lines if line.energy_kev >= CLEAR_KEV) or tuple(lines)


def _label(line: XrayLine) -> ElementLabel:
    return ElementLabel(line.atomic_number, line.energy_kev, line.symbol, line.name)
