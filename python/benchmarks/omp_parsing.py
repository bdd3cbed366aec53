"""Speed of parsing names and of finding their pattern, beside a plain `re.split` of the same names in one run.

Usage: python omp_parsing.py [--repeats 5]

Names per second count processor time of one core, the best of the repeats; the machine's own speed shows in the
plain split's figure. Inference reads 5,000 names.
"""

import argparse
import os
import re
import time
from collections.abc import Callable

from omeroweb_omp_plugin.parsing.infer import infer
from omeroweb_omp_plugin.parsing.rules import Parser, Rule

ROWS, COLUMNS = "ABCDEFGH", 12
NAMES = 50_000
INFERRED = 5_000

SETS: dict[str, Callable[[int], str]] = {
    "underscores": lambda i: f"P{i % 7}_HeLa_{well(i)}_GFP_20x_t{i:05}.ome.tif",
    "scientific names": lambda i: f"P{i % 7}_T-cell_{well(i)}_anti-GFP_20x-objective_t{i:05}.ome.tif",
    "label and index": lambda i: f"HEK_day-t{i % 30:02}_pos-s{i % 96}_{well(i)}_{i:05}.czi",
    "hyphens only": lambda i: f"exp{i % 7}-HeLa-{well(i)}-T-cell-{i:05}-DAPI.tif",
    "microscope export": lambda i: f"img_channel{i % 4:03}_position{i % 96:03}_time{i:09}_z{i % 9:03}.tif",
}


def well(index: int) -> str:
    """A position on a 96-well plate."""
    return f"{ROWS[index % len(ROWS)]}{index % COLUMNS + 1:02}"


def seconds(job: Callable[[], object], repeats: int) -> float:
    """Processor seconds of the fastest run."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        job()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    plain = re.compile("[_.-]+").split
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; processor time, best of {repeats}")
    print(f"{'':20}{'names/s':>10}{'re.split/s':>12}{'ratio':>8}{'inference of 5,000':>20}")
    total = 0.0
    for title, name in SETS.items():
        names = [name(index) for index in range(NAMES)]
        rule = Parser(Rule())
        split = seconds(lambda names=names: [plain(name) for name in names], repeats)
        parse = seconds(lambda names=names, rule=rule: rule.all_values(names), repeats)
        inference = seconds(lambda names=names: infer(names[:INFERRED]), repeats)
        total += parse
        print(
            f"{title:20}{NAMES / parse:>10,.0f}{NAMES / split:>12,.0f}{split / parse:>8.2f}{inference * 1000:>17.0f} ms"
        )
    print(f"{'all together':20}{NAMES * len(SETS) / total:>10,.0f}")


if __name__ == "__main__":
    main()
