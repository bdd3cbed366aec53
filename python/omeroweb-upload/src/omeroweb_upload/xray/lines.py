"""Energies and relative weights of characteristic X-rays, lithium to californium.

From W. T. Elam, B. D. Ravel, J. R. Sieber, Radiation Physics and Chemistry 63 (2002) 121-128, through XrayDB; see
`build_table`. Hydrogen and helium have no characteristic X-rays.
"""

from __future__ import annotations

import csv
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("lines.csv")


@dataclass(frozen=True, slots=True)
class XrayLine:
    """One line; `weight` is relative to the strongest of its family, `edge_kev` what it takes to excite it."""

    symbol: str
    atomic_number: int
    name: str
    iupac: str
    energy_kev: float
    weight: float
    edge_kev: float

    @property
    def family(self) -> str:
        """K, L or M."""
        return self.name[0]


@cache
def all_lines() -> tuple[XrayLine, ...]:
    """Every line of the table, by element, then energy."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            XrayLine(
                symbol=row["symbol"],
                atomic_number=int(row["atomic_number"]),
                name=row["line"],
                iupac=row["iupac"],
                energy_kev=float(row["energy_kev"]),
                weight=float(row["weight"]),
                edge_kev=float(row["edge_kev"]),
            )
            for row in csv.DictReader(file)
        )


@cache
def lines_of(symbol: str) -> tuple[XrayLine, ...]:
    """The lines of one element by energy; empty for an element that has none."""
    return tuple(line for line in all_lines() if line.symbol == symbol)


@cache
def _by_energy() -> tuple[tuple[XrayLine, ...], tuple[float, ...]]:
    lines = tuple(sorted(all_lines(), key=lambda line: (line.energy_kev, line.atomic_number, line.name)))
    return lines, tuple(line.energy_kev for line in lines)


def lines_between(low_kev: float, high_kev: float, *, min_weight: float = 0.0) -> tuple[XrayLine, ...]:
    """Lines in a range of energies, both ends included, by energy."""
    lines, energies = _by_energy()
    inside = lines[bisect_left(energies, low_kev) : bisect_right(energies, high_kev)]
    return tuple(line for line in inside if line.weight >= min_weight)
