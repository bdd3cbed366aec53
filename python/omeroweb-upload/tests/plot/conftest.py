"""Random spectra and a checker of layouts that knows nothing of how they are made."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum
from omeroweb_upload.xray.elements import SYMBOLS


def random_spectrum(seed, labels=None):
    """Up to 40 labelled peaks, spread evenly, crowded, or sharing energies, on a Bremsstrahlung background."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 41)) if labels is None else labels
    x = -0.2 + 0.01 * np.arange(2048)
    y = 300 * np.exp(-x.clip(0) / 4) + 3
    centre, width = rng.uniform(1, 15), rng.uniform(0.05, 4)
    energies = {
        0: rng.uniform(0.1, 20, count),
        1: rng.normal(centre, width, count).clip(0, 20),
        2: rng.choice(rng.uniform(0.1, 20, max(1, count // 3)), count),
    }[seed % 3]
    found = []
    for energy in energies:
        y += 10 ** rng.uniform(1, 4) * np.exp(-(((x - energy) / 0.05) ** 2))
        number = int(rng.integers(3, 99))
        found.append(ElementLabel(number, float(energy), SYMBOLS[number - 1]))
    counts = rng.poisson(y).astype(float)
    return Spectrum(
        x=x, y=counts, x_unit="keV", y_unit="counts", title=f"Spectrum {seed}", labels=tuple(found)
    )


def crossings(connectors):
    """How many pairs of connectors of different labels properly cross."""
    segments = [
        (number, a, b) for number, lines in enumerate(connectors) for line in lines for a, b in pairwise(line)
    ]
    return sum(1 for (n, a, b), (m, c, d) in combinations(segments, 2) if n != m and _cross(a, b, c, d))


def _side(a, b, c):
    value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return 0 if abs(value) < 1e-6 else np.sign(value)


def _cross(a, b, c, d):
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def overlaps(boxes):
    return [
        (one, two)
        for one, two in combinations(boxes, 2)
        if min(one[2], two[2]) - max(one[0], two[0]) > 1e-6
        and min(one[3], two[3]) - max(one[1], two[1]) > 1e-6
    ]


def assert_good_layout(frame, placement, *, crossings_allowed=0):
    boxes = [placed.box for placed in placement.placed]
    assert not overlaps(boxes)
    for left, bottom, right, top in boxes:
        assert frame.left <= left
        assert right <= frame.right
        assert frame.bottom <= bottom
        assert top <= frame.top
    middles = [placed.x for placed in placement.placed]
    assert middles == sorted(middles)
    anchors = [placed.label.anchor for placed in placement.placed]
    assert anchors == sorted(anchors)
    for placed in placement.placed:
        assert len(placed.connectors) == len(placed.label.tips)
        for tip, line in zip(placed.label.tips, placed.connectors, strict=True):
            assert line[0] == tip
            assert line[-1] == (placed.x, placed.bottom)
            assert all(a[1] <= b[1] for a, b in pairwise(line))
    assert crossings([placed.connectors for placed in placement.placed]) <= crossings_allowed


@pytest.fixture
def layout():
    """Helpers as attributes, since test folders are no packages."""

    class Helpers:
        spectrum = staticmethod(random_spectrum)
        check = staticmethod(assert_good_layout)
        crossings = staticmethod(crossings)
        overlaps = staticmethod(overlaps)

    return Helpers
