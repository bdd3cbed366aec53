"""What it costs to read, label and draw spectra; label layouts against the lanes they start from.

Usage: python emsa_labels.py [--spectra 200] [--figures 10]

Times are of one thread; the processor's time is given beside the wall's because other work on the machine only slows
the latter.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rsciio.msa import file_reader

from omeroweb_upload.emsa.read import read_emsa
from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum
from omeroweb_upload.emsa.write import write_emsa
from omeroweb_upload.plot.figure import draw_spectrum
from omeroweb_upload.plot.genetic import improve
from omeroweb_upload.plot.geometry import Frame, Label, Point
from omeroweb_upload.plot.lanes import lane_layouts
from omeroweb_upload.plot.place import place_labels
from omeroweb_upload.plot.problem import build_problems, costs
from omeroweb_upload.xray.candidates import Conditions, explain_peaks
from omeroweb_upload.xray.elements import SYMBOLS
from omeroweb_upload.xray.peaks import find_peaks

FRAME = Frame(108, 86, 1251, 698)


def labels(seed: int) -> list[Label]:
    """Up to 40 labels: spread, crowded, or sharing energies."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 41))
    x = (
        rng.uniform(FRAME.left, FRAME.right, count),
        rng.normal(rng.uniform(200, 1100), rng.uniform(3, 150), count).clip(FRAME.left, FRAME.right),
        rng.choice(rng.uniform(FRAME.left, FRAME.right, max(1, count // 3)), count),
    )[seed % 3]
    y, width = rng.uniform(FRAME.bottom, FRAME.bottom + 0.85 * 612, count), rng.uniform(18, 40, count)
    return [Label(f"L{i}", float(width[i]), 22.0, (Point(float(x[i]), float(y[i])),)) for i in range(count)]


def spectrum(seed: int) -> Spectrum:
    """2,048 channels with 20 labelled peaks."""
    rng = np.random.default_rng(seed)
    x = -0.2 + 0.01 * np.arange(2048)
    y = 300 * np.exp(-x.clip(0) / 4) + 3
    found = []
    for energy in rng.uniform(0.1, 18, 20):
        y += 10 ** rng.uniform(1, 4) * np.exp(-(((x - energy) / 0.05) ** 2))
        number = int(rng.integers(3, 99))
        found.append(ElementLabel(number, float(energy), SYMBOLS[number - 1]))
    return Spectrum(x=x, y=rng.poisson(y).astype(float), x_unit="keV", y_unit="counts", labels=tuple(found))


def timed(jobs: list[Callable[[], Any]]) -> tuple[list[float], list[float]]:
    """Wall and processor milliseconds of each."""
    wall, processor = [], []
    for job in jobs:
        start, used = time.perf_counter(), time.thread_time()
        job()
        wall.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.thread_time() - used))
    return wall, processor


def report(name: str, jobs: list[Callable[[], Any]]) -> float:
    """Print one line; returns the median of the wall's milliseconds."""
    wall, processor = timed(jobs)
    print(
        f"{name:44}{statistics.median(wall):9.1f}{max(wall):9.1f}"
        f"{statistics.median(processor):9.1f}{max(processor):9.1f}"
    )
    return statistics.median(wall)


def improvement(count: int) -> tuple[float, float]:
    """Mean and best cost of searched layouts as a part of the lanes' they start from."""
    ratios = []
    for seed in range(count):
        problem = build_problems(FRAME, tuple(labels(seed)), None)[0]
        layouts = lane_layouts(problem)
        before = min(float(costs(problem, lanes[None], x[None])[0]) for lanes, x in layouts)
        lanes, x = improve(problem, layouts)
        ratios.append(float(costs(problem, lanes[None], x[None])[0]) / before)
    return statistics.mean(ratios), min(ratios)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spectra", type=int, default=200)
    parser.add_argument("--figures", type=int, default=10)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; milliseconds")
    print(f"{'':44}{'median':>9}{'max':>9}{'cpu med':>9}{'cpu max':>9}")
    sets = [labels(seed) for seed in range(options.spectra)]
    report(
        f"placing the labels of {options.spectra} spectra", [lambda s=s: place_labels(FRAME, s) for s in sets]
    )
    spectra = [spectrum(seed) for seed in range(options.figures)]
    report("drawing a figure with 20 labels", [lambda s=s: draw_spectrum(s) for s in spectra])
    conditions = Conditions(reach_kev=(0.1, 20.27), beam_kev=20)
    explain_peaks(find_peaks(spectra[0].x, spectra[0].y), (), conditions)
    report(
        "finding peaks and candidates, 2,048 channels",
        [lambda s=s: explain_peaks(find_peaks(s.x, s.y), (), conditions) for s in spectra],
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.msa"
        path.write_bytes(write_emsa(spectra[0]))
        ours = report("reading a file of 2,048 pairs", [lambda: read_emsa(path)] * 30)
        theirs = report("the same with rosettasciio", [lambda: file_reader(path)] * 30)
    print(f"rosettasciio's time over ours: {theirs / ours:.2f}")
    mean, best = improvement(60)
    print(f"cost of the layout over that of the best lanes: {mean:.3f} in the mean, {best:.3f} at best")


if __name__ == "__main__":
    main()
