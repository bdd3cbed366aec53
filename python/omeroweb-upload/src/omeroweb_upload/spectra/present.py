"""A spectrum as the page that shows it wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omeroweb_upload.plot.figure import y_name
from omeroweb_upload.spectra.analyse import conditions_of
from omeroweb_upload.spectra.pairs import elements_of, header_pairs
from omeroweb_upload.xray.lines import lines_between

if TYPE_CHECKING:
    from omeroweb_upload.spectra.analyse import Analysis
    from omeroweb_upload.xray.candidates import UnlabelledPeak
    from omeroweb_upload.xray.lines import XrayLine

MIN_WEIGHT = 0.02


def spectrum_json(name: str, analysis: Analysis) -> dict[str, Any]:
    """Data, labels, candidates and metadata; energies in keV where x is an energy."""
    spectrum = analysis.spectrum
    x = spectrum.energy_kev if spectrum.is_energy else spectrum.x
    conditions = conditions_of(spectrum) if spectrum.is_energy else None
    return {
        "name": name,
        "title": spectrum.title,
        "is_energy": spectrum.is_energy,
        "x_name": "keV" if spectrum.is_energy else (spectrum.x_unit or "Channel"),
        "y_name": y_name(spectrum.y_unit),
        "x": [round(value, 6) for value in x.tolist()],
        "y": spectrum.y.tolist(),
        "beam_kev": conditions.beam_kev if conditions else None,
        "labels": [
            {"symbol": label.symbol, "energy_kev": label.energy_kev, "transition": label.transition}
            for label in spectrum.labels
        ],
        "elements": list(elements_of(spectrum)),
        "peaks": [
            {
                "energy_kev": round(peak.energy_kev, 4),
                "height": peak.height,
                "significance": round(peak.significance, 1),
            }
            for peak in analysis.peaks
        ],
        "unlabelled": [_unlabelled(peak) for peak in analysis.unlabelled],
        "metadata": [list(pair) for pair in header_pairs(spectrum)],
        "remarks": [str(remark) for remark in spectrum.remarks],
    }


def _unlabelled(found: UnlabelledPeak) -> dict[str, Any]:
    return {
        "energy_kev": round(found.peak.energy_kev, 4),
        "height": found.peak.height,
        "candidates": [
            {
                "symbol": candidate.symbol,
                "line": candidate.line.name,
                "line_kev": candidate.line.energy_kev,
                "score": round(candidate.score, 3),
            }
            for candidate in found.candidates
        ],
    }


def lines_json(low_kev: float, high_kev: float) -> dict[str, Any]:
    """The lines of every element in a range, by symbol: name, energy in keV, relative weight, energy to excite it."""
    found: dict[str, list[list[Any]]] = {}
    for line in sorted(lines_between(low_kev, high_kev, min_weight=MIN_WEIGHT), key=_by_element):
        found.setdefault(line.symbol, []).append([line.name, line.energy_kev, line.weight, line.edge_kev])
    return {"lines": found}


def _by_element(line: XrayLine) -> tuple[int, float]:
    return line.atomic_number, line.energy_kev
