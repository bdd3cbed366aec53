import numpy as np
import pytest

from omeroweb_upload.emsa.spectrum import ElementLabel
from omeroweb_upload.xray.candidates import Conditions, explain_peaks
from omeroweb_upload.xray.lines import lines_of
from omeroweb_upload.xray.peaks import find_peaks
from omeroweb_upload.xray.resolution import fwhm_kev

ENERGY = -0.2 + 0.01 * np.arange(2048)
CONDITIONS = Conditions(reach_kev=(0.1, 20.27), beam_kev=20.0)


def sample(elements, *, beam_kev=20.0, seed=1, area=20_000, shift=0.0):
    """A counted spectrum of some elements: all lines the beam excites, widened by the detector."""
    rng = np.random.default_rng(seed)
    y = 400 * np.exp(-ENERGY.clip(0) / 3) + 20
    for symbol in elements:
        for line in lines_of(symbol):
            if line.edge_kev < beam_kev:
                sigma = fwhm_kev(line.energy_kev) / 2.3548
                shape = np.exp(-0.5 * ((ENERGY - line.energy_kev - shift) / sigma) ** 2)
                y += area * line.weight * 0.01 / (sigma * np.sqrt(2 * np.pi)) * shape
    return rng.poisson(y).astype(float)


def best(elements, at, **options):
    """The best candidate of the unlabelled peak nearest to an energy."""
    explained = explain_peaks(find_peaks(ENERGY, sample(elements, **options)), (), CONDITIONS)
    nearest = min(explained, key=lambda item: abs(item.peak.energy_kev - at))
    assert abs(nearest.peak.energy_kev - at) < 0.05
    return nearest.candidates[0]


def test_peaks_are_found_at_their_energies():
    found = find_peaks(ENERGY, sample(["Fe", "Si"]))
    for energy in (0.705, 1.740, 6.40, 7.06):
        assert min(abs(peak.energy_kev - energy) for peak in found) < 0.02, energy


def test_noise_alone_has_next_to_no_peaks():
    rng = np.random.default_rng(3)
    found = sum(
        len(find_peaks(ENERGY, rng.poisson(400 * np.exp(-ENERGY.clip(0) / 3) + 5))) for _ in range(50)
    )
    assert found <= 2


@pytest.mark.parametrize("counts", [np.zeros(2048), np.full(2048, 7.0)])
def test_empty_and_flat_spectra_have_no_peaks(counts):
    assert find_peaks(ENERGY, counts) == ()


def test_spectra_of_a_few_points_have_no_peaks():
    assert find_peaks(ENERGY[:4], np.ones(4)) == ()
    assert find_peaks(np.zeros(10), np.ones(10)) == ()


@pytest.mark.parametrize(
    ("symbol", "at"),
    [("C", 0.277), ("O", 0.525), ("Al", 1.487), ("Si", 1.740), ("Ca", 3.69), ("Ti", 4.51), ("Cr", 5.41), ("Fe", 6.40),
     ("Ni", 7.48), ("Cu", 8.05), ("Zn", 8.64), ("Ag", 2.98), ("Au", 2.12), ("U", 3.17)],
)  # fmt: skip
def test_the_element_that_makes_a_peak_is_the_best_candidate(symbol, at):
    candidate = best([symbol], at)
    assert candidate.symbol == symbol
    assert 0.3 < candidate.score <= 1


def test_uranium_is_recognised_by_its_m_lines():
    candidate = best(["U"], 3.17)
    assert (candidate.symbol, candidate.line.name) == ("U", "Ma")


def test_a_small_calibration_error_does_not_matter():
    assert best(["Fe"], 6.42, shift=0.015).symbol == "Fe"


def test_labelled_peaks_and_other_lines_of_labelled_elements_are_explained():
    peaks = find_peaks(ENERGY, sample(["Fe", "Si"]))
    left = explain_peaks(peaks, [ElementLabel(26, 6.404, "Fe")], CONDITIONS)
    assert [round(item.peak.energy_kev, 1) for item in left] == [1.7]
    assert left[0].candidates[0].symbol == "Si"


def test_lines_beyond_the_beam_energy_are_no_candidates():
    peaks = find_peaks(ENERGY, sample(["Fe"]))
    low = explain_peaks(peaks, (), Conditions(reach_kev=(0.1, 20.27), beam_kev=5.0))
    assert all(candidate.line.edge_kev < 5 for item in low for candidate in item.candidates)
    assert low[-1].candidates == ()


def test_candidates_are_ranked_limited_and_the_same_every_time():
    peaks = find_peaks(ENERGY, sample(["Fe", "Pb", "S"]))
    first = explain_peaks(peaks, (), CONDITIONS, limit=3)
    assert first == explain_peaks(peaks, (), CONDITIONS, limit=3)
    for item in first:
        scores = [candidate.score for candidate in item.candidates]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) <= 3
        assert len({candidate.symbol for candidate in item.candidates}) == len(scores)
